using System.Globalization;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>Questions from JSON lines that are asked by likelihood, by the conventions of their <see cref="QueryFormat"/>.</summary>
public sealed class QueryTask
{
    private const int CoreOrderSeed = 1337;

    private readonly QueryTaskOptions _options;
    private readonly QueryItem[] _asked, _pool;
    private readonly bool _ownPool;
    private readonly int _documents;

    private QueryTask(string name, QueryFormat format, QueryTaskOptions options, QueryItem[] items, QueryItem[]? pool)
    {
        (Name, Format, _options, _documents) = (name, format, options, items.Length);
        int asked = Math.Min(items.Length, options.Limit ?? int.MaxValue);
        if (format.Scoring == QueryScoring.Core)
        {
            new MersenneTwister(CoreOrderSeed).Shuffle<QueryItem>(items);
            items = items[..asked];
        }

        (_asked, _pool, _ownPool) = (items[..asked], pool ?? items, pool is null);
    }

    /// <summary>The file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>How the questions are written and asked.</summary>
    public QueryFormat Format { get; }

    /// <summary>The questions, in the order in which they are asked.</summary>
    public IReadOnlyList<QueryItem> Items => _asked;

    /// <summary>Reads a file of questions.</summary>
    /// <exception cref="ReverieException">The file is not there, damaged or in no known format; or there are too few examples.</exception>
    public static QueryTask Open(string path, QueryTaskOptions? options = null)
    {
        options ??= new QueryTaskOptions();
        List<(JsonElement Document, string Where)> documents = JsonLinesFile.Read(path);
        QueryFormat format = options.Format is { } name ? QueryFormats.Find(name) : QueryFormats.Recognise(documents[0].Document, path);
        QueryItem[]? pool = options.Examples is { } examples ? ReadItems(JsonLinesFile.Read(examples), format) : null;
        var task = new QueryTask(Path.GetFileNameWithoutExtension(path), format, options, ReadItems(documents, format), pool);
        int available = task._pool.Length - (pool is null ? 1 : 0);
        if (options.Shots > available)
            throw new ReverieException($"{options.Shots} examples were asked for, but {options.Examples ?? path} has only {Math.Max(0, available)} to choose from. Ask for fewer, or name a larger file of examples.");
        return task;
    }

    /// <summary>The prompts in order, examples included.</summary>
    public IReadOnlyList<QueryPrompt> Prompts()
    {
        string delimiter = _options.Delimiter ?? Format.Delimiter;
        var stream = new MersenneTwister(_options.Seed);
        return [.. _asked.Select((item, i) => new QueryPrompt(item, item.Description + string.Concat(Examples(i, stream).Select(e => QueryPrompt.Example(e, delimiter))), delimiter))];
    }

    /// <summary>Asks all questions.</summary>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    /// <exception cref="ReverieException">A continuation does not fit into the model's context.</exception>
    public TaskResult Run(LogLikelihoodScorer scorer, CancellationToken cancellation = default)
    {
        IReadOnlyList<QueryPrompt> prompts = Prompts();
        if (Format.Scoring == QueryScoring.Text) return QueryScores.Text(Result(), prompts, scorer.ScoreTexts([.. _asked.Select(i => i.Continuation(0))], cancellation));
        TokenSpan[][] spans = [.. prompts.Select(p => Format.Scoring == QueryScoring.Core
            ? CoreSpans.Of(p, scorer)
            : [.. Enumerable.Range(0, p.Item.Options).Select(o => scorer.Encode(new LogLikelihoodRequest(p.Context(o), p.Continuation(o))))])];
        IReadOnlyList<LogLikelihood> scores = scorer.Score([.. spans.SelectMany(s => s)], cancellation);
        int at = 0;
        LogLikelihood[][] byQuestion = [.. spans.Select(s => scores.Take(new Range(at, at += s.Length)).ToArray())];
        return QueryScores.Grade(Result() with { Truncated = scores.Count(s => s.IsTruncated) }, Format.Scoring, prompts, byQuestion, _options.Baseline, (ulong)_options.Seed);
    }

    private static QueryItem[] ReadItems(List<(JsonElement Document, string Where)> documents, QueryFormat format) =>
        [.. documents.Select(d => format.Read(new QueryFields(d.Document, d.Where)))];

    private IEnumerable<QueryItem> Examples(int index, MersenneTwister stream)
    {
        int shots = _options.Shots;
        if (shots == 0) return [];
        QueryItem item = _asked[index];
        int[] all = [.. Enumerable.Range(0, _pool.Length)], others = _ownPool ? [.. all.Where(i => i != index)] : all;
        return Format.Draw switch
        {
            FewShotDraw.First => _pool.Where((p, i) => (!_ownPool || i != index) && p.Description == item.Description).Take(shots),
            FewShotDraw.PerQuestion => new MersenneTwister(_options.Seed + index).Sample(others, shots).Select(i => _pool[i]),

            // The harness draws one more from a question's own set, so that the question can be left out.
            _ => stream.Sample(all, shots + (_ownPool ? 1 : 0)).Where(i => !_ownPool || i != index).Take(shots).Select(i => _pool[i]),
        };
    }

    private TaskResult Result() => new()
    {
        Name = Name,
        Metrics = [],
        Shots = _options.Shots,
        Version = Format.Version,
        Documents = _documents,
        Asked = _asked.Length,
        Settings = new Dictionary<string, string>
        {
            ["format"] = Format.Name,
            ["target_delimiter"] = _options.Delimiter ?? Format.Delimiter,
            ["fewshot_delimiter"] = "\n\n",
            ["fewshot_draw"] = Format.Draw.ToString(),
            ["fewshot_seed"] = _options.Seed.ToString(CultureInfo.InvariantCulture),
            ["output_type"] = Format.Scoring switch { QueryScoring.LastWord => "loglikelihood", QueryScoring.Text => "loglikelihood_rolling", _ => "multiple_choice" },
        },
    };
}
