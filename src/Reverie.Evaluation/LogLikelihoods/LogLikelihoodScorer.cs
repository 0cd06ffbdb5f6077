using System.Numerics;
using System.Runtime.InteropServices;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>
/// Log-likelihoods of continuations under a model, many in one forward pass. Text is tokenised as lm-evaluation-harness does.
/// The arithmetic is the trainer's, so a score does not depend on what is scored beside it.
/// </summary>
public sealed class LogLikelihoodScorer : IDisposable
{
    private const int TokensAtOnce = 2048, LogitsAtOnce = 1 << 20;

    private readonly Transformer _model;
    private readonly Tokenizer _tokenizer;
    private readonly int? _begin;
    private readonly Arena _arena = new();
    private readonly Tape _tape;
    private readonly List<int> _tokens = [];
    private readonly List<Segment> _segments = [];
    private readonly List<int> _rows = [], _targets = [];

    /// <summary>Creates a scorer; the caller keeps ownership of all three.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokenizer">Its tokenizer.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="begin">
    /// A token that stands before every sequence; null for the tokenizer's own where it has one (<see cref="Tokenizer.AddsBeginOfText"/>).
    /// Our own models have none: then only a text with nothing before it follows <c>&lt;|endoftext|&gt;</c>.
    /// </param>
    public LogLikelihoodScorer(Transformer model, Tokenizer tokenizer, IKernels kernels, int? begin = null)
    {
        (_model, _tokenizer, _begin) = (model, tokenizer, begin ?? (tokenizer.AddsBeginOfText ? tokenizer.BeginOfText : null));
        _tape = new Tape(kernels, _arena, recording: false);
    }

    /// <summary>
    /// Tokens of a context and a continuation: spaces at the context's end go over to the continuation, the whole is encoded, and split
    /// where the tokens of the context alone end.
    /// </summary>
    /// <exception cref="ReverieException">The continuation is empty.</exception>
    public TokenSpan Encode(LogLikelihoodRequest request)
    {
        string context = PythonText.TrimEnd(request.Context);
        int[] whole = _tokenizer.Encode(request.Context + request.Continuation);
        int split = _tokenizer.Encode(context).Length;
        if (whole.Length <= split) throw new ReverieException("A continuation has no tokens of its own, so it has no likelihood. Leave it out or give it some text.");
        if (_begin is { } begin) return new TokenSpan([begin, .. whole], split + 1);
        return split > 0 ? new TokenSpan(whole, split) : new TokenSpan([_tokenizer.EndOfText, .. whole], 1);
    }

    /// <summary>Tokens of a whole text, after the token that begins one where the model has it.</summary>
    public int[] Encode(string text) => _begin is { } begin ? [begin, .. _tokenizer.Encode(text)] : _tokenizer.Encode(text);

    /// <summary>Scores continuations; results in the order of the requests.</summary>
    /// <exception cref="ReverieException">A continuation is empty or longer than the model's context.</exception>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public IReadOnlyList<LogLikelihood> Score(IReadOnlyList<LogLikelihoodRequest> requests, CancellationToken cancellation = default) =>
        Score([.. requests.Select(Encode)], cancellation);

    /// <summary>
    /// Scores the ends of token sequences. A sequence that is longer than the model's context loses its beginning. Neighbours that differ only in
    /// their last token, such as the letters of a multiple choice, share one pass.
    /// </summary>
    /// <exception cref="ReverieException">More tokens are scored than the model's context holds, or none.</exception>
    public IReadOnlyList<LogLikelihood> Score(IReadOnlyList<TokenSpan> spans, CancellationToken cancellation = default)
    {
        var results = new LogLikelihood[spans.Count];
        for (int next = 0; next < spans.Count;)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = next;
            for (; next < spans.Count; next++)
                if (!TryAdd(spans[next], next > first ? spans[next - 1] : null)) break;
            Run(spans, first, results.AsSpan(first, next - first));
        }

        return results;
    }

    /// <summary>
    /// Log-likelihoods of whole texts: each token once, the first after <c>&lt;|endoftext|&gt;</c>. A text that is longer than the context is
    /// cut into windows that do not overlap but for one token (the last one reaches back as far as it can).
    /// </summary>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public IReadOnlyList<LogLikelihood> ScoreTexts(IReadOnlyList<string> texts, CancellationToken cancellation = default)
    {
        var windows = new List<TokenSpan>();
        var ends = new List<int>();
        foreach (string text in texts)
        {
            windows.AddRange(Windows([_begin ?? _tokenizer.EndOfText, .. _tokenizer.Encode(text)], _model.Config.ContextLength));
            ends.Add(windows.Count);
        }

        IReadOnlyList<LogLikelihood> scores = Score(windows, cancellation);
        return [.. ends.Select((end, i) => Sum(scores.Take(new Range(i == 0 ? 0 : ends[i - 1], end))))];
    }

    /// <summary>Frees the activations.</summary>
    public void Dispose() => _arena.Dispose();

    /// <summary>Rolling windows over a text that begins with its prefix token.</summary>
    internal static IEnumerable<TokenSpan> Windows(int[] tokens, int context)
    {
        for (int done = 1; done < tokens.Length;)
        {
            int end = Math.Min(tokens.Length, done + context);
            int start = done == 1 ? 0 : end - context - 1;
            yield return new TokenSpan(tokens[start..end], done - start);
            done = end;
        }
    }

    private static LogLikelihood Sum(IEnumerable<LogLikelihood> parts) => parts.Aggregate(
        new LogLikelihood(0, true, 0, 0, 0, false),
        (sum, part) => new LogLikelihood(sum.LogProbability + part.LogProbability, sum.IsGreedy && part.IsGreedy, sum.Tokens + part.Tokens,
            sum.Bytes + part.Bytes, sum.TextLogProbability + part.TextLogProbability, false));

    /// <summary>Adds a sequence to the pass; false where the pass is full.</summary>
    private bool TryAdd(TokenSpan span, TokenSpan? previous)
    {
        int context = _model.Config.ContextLength, scored = span.Tokens.Length - span.Start;
        if (span.Start < 1 || scored < 1) throw new ReverieException("A sequence has no token to score after its first. Give it a context and a continuation.");
        if (scored > context) throw new ReverieException($"A continuation has {scored} tokens and the model's context only {context}. Shorten it or choose another model.");
        int cut = Math.Max(0, span.Tokens.Length - 1 - context);
        ReadOnlySpan<int> input = span.Tokens.AsSpan(cut, span.Tokens.Length - 1 - cut);
        bool shared = previous is not null && previous.Tokens.AsSpan(0, previous.Tokens.Length - 1).SequenceEqual(span.Tokens.AsSpan(0, span.Tokens.Length - 1));
        if (!shared)
        {
            if (_tokens.Count > 0 && _tokens.Count + input.Length > TokensAtOnce) return false;
            _segments.Add(new Segment(_tokens.Count, input.Length));
            _tokens.AddRange(input);
        }

        int firstRow = _tokens.Count - scored;
        for (int i = 0; i < scored; i++)
        {
            _rows.Add(firstRow + i);
            _targets.Add(span.Tokens[span.Start + i]);
        }

        return true;
    }

    private void Run(IReadOnlyList<TokenSpan> spans, int first, Span<LogLikelihood> results)
    {
        int[] targets = [.. _targets];
        float[] logProbabilities = new float[targets.Length];
        bool[] greedy = new bool[targets.Length];
        Tensor hidden = _model.Forward(_tape, [.. _tokens], _tokens.Count, [.. _segments], _segments.Count);
        int block = Math.Min(targets.Length, Math.Max(16, LogitsAtOnce / _model.Head.Rows));
        Tensor last = _arena.Allocate(block, hidden.Columns), logits = _arena.Allocate(block, _model.Head.Rows);
        for (int start = 0; start < targets.Length; start += block)
        {
            int count = Math.Min(block, targets.Length - start);
            for (int i = 0; i < count; i++) hidden.Row(_rows[start + i]).CopyTo(last.Row(i));
            Tensor scores = logits.View(0, count);
            _tape.Kernels.MatMul(last.View(0, count), false, _model.Head, true, scores, accumulate: false);
            _tape.Kernels.SoftmaxLoss(scores, targets.AsSpan(start, count), null, 0, 1, logProbabilities.AsSpan(start, count), []);
            for (int i = 0; i < count; i++) greedy[start + i] = IsLargest(scores.Row(i), targets[start + i]);
        }

        _tape.Reset();
        int at = 0;
        for (int i = 0; i < results.Length; i++)
        {
            TokenSpan span = spans[first + i];
            int count = span.Tokens.Length - span.Start;
            results[i] = Collect(targets.AsSpan(at, count), logProbabilities.AsSpan(at, count), greedy.AsSpan(at, count), span.Tokens.Length - 1 > _model.Config.ContextLength);
            at += count;
        }

        _tokens.Clear();
        _segments.Clear();
        _rows.Clear();
        _targets.Clear();
    }

    private static bool IsLargest(ReadOnlySpan<float> values, int index)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var chosen = new Vector<float>(values[index]);
        foreach (Vector<float> vector in vectors)
            if (Vector.GreaterThanAny(vector, chosen)) return false;
        for (int i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
            if (values[i] > values[index]) return false;
        return true;
    }

    private LogLikelihood Collect(ReadOnlySpan<int> targets, ReadOnlySpan<float> logProbabilities, ReadOnlySpan<bool> greedy, bool truncated)
    {
        double all = 0, text = 0;
        int bytes = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            all += logProbabilities[i];
            if (_tokenizer.IsSpecial(targets[i])) continue;
            text += logProbabilities[i];
            if (targets[i] < _tokenizer.VocabularySize) bytes += _tokenizer.Bytes(targets[i]).Length;
        }

        return new LogLikelihood(all, !greedy.Contains(false), targets.Length, bytes, text, truncated);
    }
}
