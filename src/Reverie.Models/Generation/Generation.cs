using System.Diagnostics;
using System.Runtime.InteropServices;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>One sequence that a <see cref="Generator"/> continues, and its result once <see cref="StopReason"/> is set.</summary>
public sealed class Generation
{
    // Room for so many tokens of the reply at first; more when it grows longer.
    private const int FirstRoom = 1024;

    private int[] _tokens;
    private float[] _logProbabilities;
    private float[] _samplingLogProbabilities;
    private double[]? _hiddenSum;
    private int _hiddenCount;
    private readonly Tokenizer? _tokenizer;
    private readonly GenerationText? _stream;
    private readonly List<TokenAlternative> _alternatives = [];
    private string? _text;

    internal Generation(GenerationRequest request, int contextLength, Tokenizer? tokenizer, IReadOnlyList<int> stopTokens, int vocabularySize)
    {
        SubmittedTimestamp = Stopwatch.GetTimestamp();
        Request = request;
        _tokenizer = tokenizer;
        StopTokens = stopTokens;
        PromptLength = request.Prompt.Length;
        Limit = request.IsEmbedding ? PromptLength : Math.Max(PromptLength, (int)Math.Min(contextLength, (long)PromptLength + request.Options.MaxTokens));
        int room = Math.Min(Limit - PromptLength, FirstRoom);
        _tokens = new int[PromptLength + room];
        request.Prompt.CopyTo(_tokens, 0);
        Count = PromptLength;
        _logProbabilities = new float[room];
        _samplingLogProbabilities = new float[room];
        Random = new RandomStream(request.Options.Seed, "sample");
        if (request.Options.Thinking is { } budget) Thinking = new ThinkingControl(budget, tokenizer!, stopTokens);
        if (request.Constraint is { } constraint) Constraint = new ConstraintControl(constraint, request, tokenizer, stopTokens, vocabularySize);
        if (tokenizer is not null && (request.OnText is not null || request.Options.Stop.Count > 0)) _stream = new GenerationText(request.Options.Stop, BeginsText);
    }

    /// <summary>What was asked.</summary>
    public GenerationRequest Request { get; }

    /// <summary>Why it ended; null while it goes on.</summary>
    public StopReason? StopReason { get; private set; }

    /// <summary>Why it could not go on, one line; null unless it <see cref="StopReason.Failed"/>.</summary>
    public string? Failure { get; private set; }

    /// <summary>The tokens that were generated, a stop token at the end included.</summary>
    public ReadOnlySpan<int> Tokens => _tokens.AsSpan(PromptLength, Count - PromptLength);

    /// <summary>log p of each token in nats under the model's own distribution: the full softmax, as training computes it.</summary>
    public ReadOnlySpan<float> LogProbabilities => _logProbabilities.AsSpan(0, Count - PromptLength);

    /// <summary>log p of each token in nats under the distribution it was drawn from, after penalty, temperature and filters.</summary>
    public ReadOnlySpan<float> SamplingLogProbabilities => _samplingLogProbabilities.AsSpan(0, Count - PromptLength);

    /// <summary>Which tokens a <see cref="ThinkingBudget"/> set, so that nobody chose them; empty without one.</summary>
    public ReadOnlySpan<bool> Forced => Thinking is null ? [] : CollectionsMarshal.AsSpan(Thinking.Forced);

    /// <summary>
    /// The text so far: without the stop token, without special tokens that are not content, cut before a stop text. Empty
    /// where the generator has no tokenizer.
    /// </summary>
    public string Text
    {
        get
        {
            if (_tokenizer is null) return "";
            if (_stream is not null) return _stream.Text;
            if (StopReason is null) return Decode();
            return _text ??= Decode();
        }
    }

    /// <summary>The most likely tokens at a place of the reply, likeliest first, as many as <see cref="GenerationRequest.TopLogProbabilities"/>, whichever came.</summary>
    /// <param name="index">Which of <see cref="Tokens"/>.</param>
    public ReadOnlySpan<TokenAlternative> Alternatives(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Tokens.Length, nameof(index));
        int count = Request.TopLogProbabilities == 0 ? 0 : _alternatives.Count / Tokens.Length;
        return CollectionsMarshal.AsSpan(_alternatives).Slice(index * count, count);
    }

    /// <summary>The mean of the prompt's hidden states, for a request that <see cref="GenerationRequest.IsEmbedding"/> and has ended; else null. Of the model's width, not normalised.</summary>
    public float[]? Embedding { get; private set; }

    /// <summary>When it was submitted, by <see cref="Stopwatch.GetTimestamp"/>.</summary>
    public long SubmittedTimestamp { get; }

    /// <summary>When the first step that computed some of its prompt began; 0 before.</summary>
    public long StartedTimestamp { get; internal set; }

    /// <summary>When its first token was there; 0 before.</summary>
    public long FirstTokenTimestamp { get; private set; }

    /// <summary>When its last token so far was there; 0 before the first.</summary>
    public long LastTokenTimestamp { get; private set; }

    /// <summary>How many tokens of the prompt had their keys and values in the cache, left by other requests.</summary>
    public int ReusedTokens { get; internal set; }

    /// <summary>Prompt and generated tokens.</summary>
    internal ReadOnlySpan<int> AllTokens => _tokens.AsSpan(0, Count);

    internal int PromptLength { get; }

    /// <summary>Prompt and generated tokens together cannot be more.</summary>
    internal int Limit { get; }

    internal int Count { get; private set; }

    /// <summary>Tokens whose keys and values are in the cache.</summary>
    internal int Cached { get; set; }

    /// <summary>Tokens of those that other sequences may begin with.</summary>
    internal int Published { get; set; }

    /// <summary>Tokens whose keys and values are not in the cache yet.</summary>
    internal int Left => Count - Cached;

    /// <summary>Pages of its positions in order, of which <see cref="PageCount"/> are given.</summary>
    internal int[] Pages { get; set; } = [];

    /// <summary>Pages that it has.</summary>
    internal int PageCount { get; set; }

    /// <summary>Whose it is.</summary>
    internal OwnerAccount? Account { get; set; }

    internal RandomStream Random { get; }

    /// <summary>What the keys and values of its pages were computed with: the request's adapter or, if it has none, the model's.</summary>
    internal Adapter? Adapter { get; set; }

    /// <summary>Names <see cref="Adapter"/> in the cache.</summary>
    internal long CacheKey => Adapter?.Id ?? 0;

    internal ThinkingControl? Thinking { get; }

    internal ConstraintControl? Constraint { get; }

    /// <summary>Where the sampler puts the alternatives to the next token.</summary>
    internal List<TokenAlternative> NextAlternatives => _alternatives;

    private IReadOnlyList<int> StopTokens { get; }

    /// <summary>Whether a text begins here, so that the space which a SentencePiece tokenizer puts before one is not of it.</summary>
    private bool BeginsText => _tokenizer is { StartsWithSpace: true } && _tokenizer.IsSpecial(Request.Prompt[^1]);

    /// <summary>Ends it at the next step.</summary>
    public void Cancel() => IsCancelled = true;

    internal bool IsCancelled { get => field || Request.Cancellation.IsCancellationRequested; private set; }

    /// <summary>Takes the next token and decides whether it is the last.</summary>
    internal void Append(SampledToken token, float logProbability, int contextLength, long timestamp)
    {
        LastTokenTimestamp = timestamp;
        if (FirstTokenTimestamp == 0) FirstTokenTimestamp = timestamp;
        int index = Count - PromptLength;
        if (Count == _tokens.Length) Grow();
        _tokens[Count++] = token.Id;
        _logProbabilities[index] = logProbability;
        _samplingLogProbabilities[index] = token.LogProbability;
        if (Contains(StopTokens, token.Id))
        {
            Finish(_tokenizer?.DocumentEnd == token.Id ? Models.StopReason.EndOfText : Models.StopReason.StopToken);
            return;
        }

        if (_stream is not null && _tokenizer!.Special(token.Id) is not { IsContent: false } && _stream.Append(_tokenizer.Bytes(token.Id))) Finish(Models.StopReason.StopString);
        else if (!Accept(token.Id)) return;
        else if (index + 1 == Request.Options.MaxTokens) Finish(Models.StopReason.MaxTokens);
        else if (Count >= contextLength) Finish(Models.StopReason.ContextFull);
    }

    /// <summary>Adds the hidden state of the next token of the prompt; the last one makes it an <see cref="Embedding"/>.</summary>
    internal void AddHidden(ReadOnlySpan<float> hidden)
    {
        // In double and token by token, so that it does not matter in which steps they come.
        _hiddenSum ??= new double[hidden.Length];
        for (int i = 0; i < hidden.Length; i++) _hiddenSum[i] += hidden[i];
        if (++_hiddenCount < PromptLength) return;
        Embedding = [.. _hiddenSum.Select(sum => (float)(sum / PromptLength))];
        _hiddenSum = null;
        Finish(Models.StopReason.Complete);
    }

    /// <summary>Starts its computation anew, after its pages were taken from it.</summary>
    internal void Restart()
    {
        (Cached, Published, PageCount, _hiddenCount, _hiddenSum, Pages) = (0, 0, 0, 0, null, []);
    }

    /// <summary>Asks the constraint what may come next; false where that ends the reply.</summary>
    internal bool PrepareChoice()
    {
        if (Constraint is null) return true;
        try
        {
            if (!Constraint.Prepare(out bool isComplete)) Fail("The constraint on the reply allows no token and no end at this place. Change the schema or the grammar.");
            else if (isComplete) Finish(Models.StopReason.Complete);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail($"The constraint on the reply failed: {e.Message}");
        }

        return StopReason is null;
    }

    /// <summary>Ends it without an answer; the others go on.</summary>
    internal void Fail(string failure)
    {
        Finish(Models.StopReason.Failed);
        (StopReason, Failure) = (Models.StopReason.Failed, failure);
    }

    internal void Finish(StopReason reason)
    {
        // The rest of an unfinished character may complete a stop text.
        StopReason = _stream?.Finish() == true ? Models.StopReason.StopString : reason;
    }

    /// <summary>Tells the caller what is new.</summary>
    internal void Notify(bool token)
    {
        if (_stream is not null && Request.OnText is not null && _stream.TakeNew() is { Length: > 0 } text) Request.OnText(text);
        if (token) Request.OnToken?.Invoke(this);
        if (StopReason is not null) Request.OnFinished?.Invoke(this);
    }

    private bool Accept(int token)
    {
        try
        {
            Constraint?.Accept(token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Fail($"The constraint on the reply failed: {e.Message}");
        }

        return StopReason is null && PrepareChoice();
    }

    private void Grow()
    {
        int room = (int)Math.Min(Limit - PromptLength, 2L * _logProbabilities.Length);
        Array.Resize(ref _tokens, PromptLength + room);
        Array.Resize(ref _logProbabilities, room);
        Array.Resize(ref _samplingLogProbabilities, room);
    }

    private static bool Contains(IReadOnlyList<int> tokens, int token)
    {
        for (int i = 0; i < tokens.Count; i++)
            if (tokens[i] == token) return true;
        return false;
    }

    private string Decode()
    {
        ReadOnlySpan<int> tokens = Tokens;
        if (StopReason is Models.StopReason.StopToken or Models.StopReason.EndOfText) tokens = tokens[..^1];
        return _tokenizer!.Decode(tokens, skipSpecialTokens: true, isStart: BeginsText);
    }
}
