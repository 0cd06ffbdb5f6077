using System.Globalization;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// Grade-school word problems (arXiv 2110.14168) from their JSON lines, generated and graded as lm-evaluation-harness does: worked
/// examples, the question, and the number in the reply.
/// </summary>
public sealed class Gsm8kTask
{
    private static readonly string[] Stops = ["Question:", "</s>", "<|im_end|>"];

    private readonly Gsm8kOptions _options;
    private readonly Problem[] _asked, _examples;
    private readonly int _documents;
    private readonly bool _ownExamples;

    private Gsm8kTask(Gsm8kOptions options, Problem[] problems, Problem[]? examples)
    {
        (_options, _documents, _ownExamples) = (options, problems.Length, examples is null);

        // Without a training file the first problems are the examples, and are not asked.
        _examples = examples ?? problems[..Math.Min(options.Shots, problems.Length)];
        if (examples is null) problems = problems[_examples.Length..];
        _asked = problems[..Math.Min(problems.Length, options.Limit ?? int.MaxValue)];
    }

    /// <summary>Questions that are asked.</summary>
    public int Count => _asked.Length;

    /// <summary>Opens the problems.</summary>
    /// <param name="path">A file of problems, or the folder with test.jsonl and train.jsonl. Examples come from the train.jsonl beside the file.</param>
    /// <param name="options">How they are asked.</param>
    /// <exception cref="ReverieException">The file is not there or damaged, or has too few problems.</exception>
    public static Gsm8kTask Open(string path, Gsm8kOptions? options = null)
    {
        options ??= new Gsm8kOptions();
        string file = Directory.Exists(path) ? Path.Combine(path, "test.jsonl") : path;
        string train = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "train.jsonl");
        bool hasTrain = File.Exists(train) && Path.GetFullPath(file) != train;
        var task = new Gsm8kTask(options, Read(file), hasTrain && options.Shots > 0 ? Read(train) : null);
        if (task._examples.Length < options.Shots || task._asked.Length == 0)
            throw new ReverieException($"{file} has too few problems for {options.Shots} examples. Ask for fewer, or put train.jsonl beside it.");
        return task;
    }

    /// <summary>The prompt of each question in plain text.</summary>
    public IReadOnlyList<string> Prompts() => [.. Shots().Select((shots, i) => string.Concat(shots.Select(s => $"{s.Text} {s.Answer}\n\n")) + _asked[i].Text)];

    /// <summary>Asks all questions.</summary>
    /// <param name="generator">The engine.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public TaskResult Run(Generator generator, Tokenizer tokenizer, CancellationToken cancellation = default)
    {
        int length = Math.Min(_options.MaxTokens, generator.ContextLength / 2), truncated = 0;
        List<Problem[]> shots = Shots();
        var requests = new List<GenerationRequest>();
        var sampling = new SamplingOptions { Temperature = _options.Temperature, MaxTokens = length, Stop = Stops };
        IReadOnlyList<string> texts = Prompts();
        for (int i = 0; i < _asked.Length; i++)
        {
            int[] prompt = _options.Chat ? Conversation(tokenizer, shots[i], _asked[i], generator.ContextLength - length, out bool cut) : Plain(tokenizer, texts[i], generator.ContextLength - length, out cut);
            if (cut) truncated++;
            for (int sample = 0; sample < _options.Samples; sample++)
                requests.Add(new GenerationRequest(prompt, sampling with { Seed = (ulong)_options.Seed + (ulong)(i * _options.Samples + sample) }) { Cancellation = cancellation });
        }

        IReadOnlyList<Generation> replies = generator.RunToEnd(requests);
        cancellation.ThrowIfCancellationRequested();
        return Grade(texts, [.. replies.Chunk(_options.Samples)], length) with { Truncated = truncated };
    }

    private static Problem[] Read(string path) => [.. JsonLinesFile.Read(path).Select(line =>
    {
        var fields = new QueryFields(line.Document, line.Where);
        return new Problem(fields.Text("question"), fields.Text("answer"), line.Document);
    })];

    /// <summary>A prompt that is too long loses its beginning, as in the harness.</summary>
    private static int[] Plain(Tokenizer tokenizer, string text, int room, out bool cut)
    {
        int[] tokens = tokenizer.EncodeDocument(text);
        cut = tokens.Length > room;
        return cut ? tokens[^room..] : tokens;
    }

    /// <summary>A conversation that is too long loses its oldest examples, so that the template stays whole, and then its beginning.</summary>
    private static int[] Conversation(Tokenizer tokenizer, Problem[] shots, Problem problem, int room, out bool cut)
    {
        cut = false;
        for (int first = 0; ; first++)
        {
            Message[] messages = [.. shots[first..].SelectMany(s => new[] { new Message(Role.User, s.Text), new Message(Role.Assistant, s.Answer) }), new Message(Role.User, problem.Text)];
            int[] tokens = tokenizer.ChatTemplate.Render(messages, addGenerationPrompt: true).Tokens;
            if (tokens.Length <= room) return tokens;
            cut = true;
            if (first == shots.Length) return tokens[^room..];
        }
    }

    private List<Problem[]> Shots()
    {
        var stream = new MersenneTwister(_options.Seed);
        return [.. _asked.Select(_ => _ownExamples ? _examples : stream.Sample(_examples, _options.Shots))];
    }

    private TaskResult Grade(IReadOnlyList<string> prompts, Generation[][] replies, int length)
    {
        (string Name, Func<string, string> Apply)[] filters = [("strict-match", Gsm8kAnswer.Strict), ("flexible-extract", Gsm8kAnswer.Flexible)];
        var metrics = new List<Metric>();
        var samples = new List<TaskSample>();
        var answers = new List<ConfidentAnswer>();
        foreach ((string filter, Func<string, string> apply) in filters)
        {
            var items = new List<SampledItem>();
            for (int i = 0; i < _asked.Length; i++)
            {
                string[] found = [.. replies[i].Select(r => apply(r.Text))];
                double[] scores = [.. found.Select(f => Gsm8kAnswer.Matches(f, _asked[i].Answer) ? 1.0 : 0)];
                items.Add(new SampledItem(scores, [.. found.Select(f => f == Gsm8kAnswer.Invalid ? null : Gsm8kAnswer.Plain(f))], [.. replies[i].Select(r => Math.Log(Calibration.OfAnswer(r.LogProbabilities)))]));
                samples.Add(Sample(i, prompts[i], replies[i], found, filter, scores[0], length));
                if (filter == filters[1].Name) answers.Add(new ConfidentAnswer(Calibration.OfAnswer(replies[i][0].LogProbabilities), scores[0] == 1));
            }

            metrics.Add(Metric.Mean("exact_match", [.. items.Select(i => i.Scores[0])], filter));
            if (_options.Samples > 1) metrics.AddRange(SampledItem.Metrics(items, filter));
        }

        return new TaskResult
        {
            Name = _options.Chat ? "gsm8k_chat" : "gsm8k",
            Metrics = metrics,
            Samples = samples,
            Answers = answers,
            Shots = _options.Shots,
            Version = "3.0",
            Documents = _documents,
            Asked = _asked.Length,
            Settings = new Dictionary<string, string>
            {
                ["output_type"] = "generate_until",
                ["until"] = string.Join(" | ", Stops),
                ["max_gen_toks"] = length.ToString(CultureInfo.InvariantCulture),
                ["temperature"] = _options.Temperature.ToString(CultureInfo.InvariantCulture),
                ["repeats"] = _options.Samples.ToString(CultureInfo.InvariantCulture),
                ["fewshot_seed"] = _options.Seed.ToString(CultureInfo.InvariantCulture),
                ["apply_chat_template"] = _options.Chat ? "true" : "false",
            },
        };
    }

    private TaskSample Sample(int index, string prompt, Generation[] replies, string[] found, string filter, double score, int length) => new()
    {
        DocumentId = index,
        Document = _asked[index].Document.GetRawText(),
        Target = _asked[index].Answer,
        Arguments = [[prompt, $"{{\"until\": {JsonSerializer.Serialize(Stops)}, \"max_gen_toks\": {length}}}"]],
        Responses = [[.. replies.Select(r => r.Text)]],
        Filtered = found,
        Filter = filter,
        Scores = new Dictionary<string, double> { ["exact_match"] = score },
    };

    private sealed record Problem(string Question, string Answer, JsonElement Document)
    {
        public string Text => $"Question: {Question}\nAnswer:";
    }
}
