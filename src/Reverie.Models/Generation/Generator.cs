using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// The one engine that continues sequences: rollouts, evaluations, the terminal and the server. Sequences join and leave
/// between steps; a step runs one flat batch of one new token for each sequence and some tokens of new prompts (continuous
/// batching, Orca, OSDI 2022; chunked prefill, arXiv 2308.16369). Each sequence gets, bit for bit, what it would get alone.
/// </summary>
/// <remarks>
/// <see cref="Submit"/> and <see cref="Generation.Cancel"/> may be called from any thread; everything else belongs to the one
/// thread that calls <see cref="Step"/>. A step that changes no membership makes no garbage.
/// </remarks>
public sealed class Generator : IDisposable
{
    // Tokens of a common beginning that are worth a step of waiting.
    private const int WorthWaiting = 16;

    private readonly Transformer _transformer;
    private readonly Tokenizer? _tokenizer;
    private readonly GeneratorOptions _options;
    private readonly Arena _arena = new();
    private readonly Tape _tape;
    private readonly KvCache _cache;
    private readonly BatchSampler _sampler;
    private readonly int[] _stopTokens;
    private readonly List<Generation> _waiting = [];
    private readonly List<Generation> _active = [], _cancelled = [];

    // The batch of a step: allocated once, for the largest there can be.
    private readonly int[] _tokens;
    private readonly Segment[] _segments;
    private readonly Generation[] _sampling;
    private readonly int[] _samplingRows;
    private readonly AdapterRows _adapterRows = new();
    private readonly HashSet<Adapter> _adapters = [];
    private bool _packed, _isDisposed;
    private long _ticks;

    /// <summary>Creates an engine for a model.</summary>
    /// <param name="transformer">The model; its weights are laid out for decoding at the first step.</param>
    /// <param name="tokenizer">For text and stop tokens; null for tokens only.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="options">Sizes.</param>
    /// <exception cref="ReverieException">There is not enough memory for the cache.</exception>
    public Generator(Transformer transformer, Tokenizer? tokenizer, IKernels kernels, GeneratorOptions? options = null)
    {
        _options = options ?? new GeneratorOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.MaxConcurrent, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.PrefillTokens, 1);
        (_transformer, _tokenizer) = (transformer, tokenizer);
        _tape = new Tape(kernels, _arena, recording: false);
        TransformerConfig config = transformer.Config;
        long wanted = (long)_options.MaxConcurrent * KvCache.PagesFor(config.ContextLength);
        int pages = (int)Math.Clamp(_options.CacheBytes / KvCache.PageBytes(config), 1, Math.Min(wanted, int.MaxValue));
        _cache = new KvCache(config, pages);
        ContextLength = (int)Math.Min(config.ContextLength, (long)pages * PagedKeyValues.PageTokens);
        _sampler = new BatchSampler(_options.MaxConcurrent, config.VocabularySize, kernels);
        _stopTokens = [.. tokenizer?.StopTokens ?? []];

        int sequences = _options.MaxConcurrent;
        _tokens = new int[sequences + _options.PrefillTokens];
        _segments = new Segment[sequences];
        _sampling = new Generation[sequences];
        _samplingRows = new int[sequences];
        _cache.Values.Past = new int[sequences];
        _cache.Values.Pages = new int[sequences][];
    }

    /// <summary>Longest sequence, prompt and answer together: the model's, or less where <see cref="GeneratorOptions.CacheBytes"/> is small.</summary>
    public int ContextLength { get; }

    /// <summary>Sequences that are being decoded or wait for it.</summary>
    public int PendingCount
    {
        get
        {
            lock (_waiting) return _waiting.Count + _active.Count;
        }
    }

    /// <summary>Tokens that have gone through the model so far, of prompts and of answers.</summary>
    public long ProcessedTokens { get; private set; }

    /// <summary>Time spent in <see cref="Step"/> so far, in seconds, less what the callbacks of requests took.</summary>
    public double StepSeconds => Stopwatch.GetElapsedTime(0, _ticks).TotalSeconds;

    /// <summary>Queues a request; it runs in the coming calls of <see cref="Step"/>. A prompt that does not fit ends as <see cref="StopReason.ContextFull"/>.</summary>
    /// <exception cref="ReverieException">An option makes no sense, the prompt is empty or a token is not in the vocabulary.</exception>
    public Generation Submit(GenerationRequest request)
    {
        request.Options.Validate();
        if (request.Prompt.Length == 0) throw new ReverieException("The prompt has no tokens. Begin with some text, or with the token that stands before a text.");
        foreach (int token in request.Prompt)
            if ((uint)token >= (uint)_transformer.Config.VocabularySize) throw new ReverieException($"Token {token} of the prompt is not in the model's vocabulary of {_transformer.Config.VocabularySize}. Use the model's own tokenizer.");
        if (request.Options.Thinking is not null && _tokenizer is null) throw new ReverieException("A thinking budget needs a tokenizer, which has the tokens that frame reasoning.");
        if (request.Options.Stop.Count > 0 && _tokenizer is null) throw new ReverieException("Stop texts need a tokenizer. Use stop tokens instead.");
        foreach (int token in request.Options.LogitBias?.Keys ?? [])
            if (token >= _transformer.Config.VocabularySize) throw new ReverieException($"Token {token} of the logit bias is not in the model's vocabulary of {_transformer.Config.VocabularySize}. Use the model's own tokenizer.");
        request.Adapter?.CheckFits(_transformer);
        if (request.TopLogProbabilities is < 0 or > GenerationRequest.MaxTopLogProbabilities) throw new ReverieException($"{request.TopLogProbabilities} alternatives to each token were asked for; it must be between 0 and {GenerationRequest.MaxTopLogProbabilities}.");

        var generation = new Generation(request, ContextLength, _tokenizer, request.Options.StopTokens ?? _stopTokens, KnownTokens);
        if (request.Prompt.Length >= ContextLength)
        {
            generation.Finish(StopReason.ContextFull);
            generation.Notify(token: false);
            return generation;
        }

        request.Adapter?.Hold();
        lock (_waiting) _waiting.Add(generation);
        return generation;
    }

    /// <summary>Advances every sequence once. False when nothing is left to do.</summary>
    public bool Step()
    {
        Leave();
        Join();
        if (_active.Count > 0)
        {
            long started = Stopwatch.GetTimestamp();
            Advance();
            _ticks += Stopwatch.GetTimestamp() - started;
        }

        return PendingCount > 0;
    }

    /// <summary>Runs requests to their ends, whatever else is in the queue beside them.</summary>
    /// <param name="requests">In any number; they are answered in this order where they wait.</param>
    /// <param name="maxConcurrent">At most so many at once; null for <see cref="GeneratorOptions.MaxConcurrent"/>.</param>
    /// <returns>The generations in the order of the requests.</returns>
    /// <exception cref="ReverieException">As for <see cref="Submit"/>, or one could not go on; all have ended then.</exception>
    public IReadOnlyList<Generation> RunToEnd(IReadOnlyList<GenerationRequest> requests, int? maxConcurrent = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrent ?? 1, 1);
        var generations = new List<Generation>(requests.Count);
        int most = Math.Min(maxConcurrent ?? int.MaxValue, 2 * _options.MaxConcurrent), firstPending = 0;
        while (true)
        {
            int pending = 0;
            while (firstPending < generations.Count && generations[firstPending].StopReason is not null) firstPending++;
            for (int i = firstPending; i < generations.Count; i++) pending += generations[i].StopReason is null ? 1 : 0;
            for (; generations.Count < requests.Count && pending < most; pending++) generations.Add(Submit(requests[generations.Count]));
            if (pending == 0) break;
            Step();
        }

        if (generations.Find(static g => g.Failure is not null) is { } failed) throw new ReverieException(failed.Failure!);
        return generations;
    }

    /// <summary>The text of one request as it becomes certain, stepping the engine on the caller's thread. Leaving the loop cancels it.</summary>
    /// <exception cref="ReverieException">As for <see cref="Submit"/>.</exception>
    public IEnumerable<string> Stream(GenerationRequest request)
    {
        var parts = new Queue<string>();
        Generation generation = Submit(request with { OnText = parts.Enqueue });
        try
        {
            do
            {
                while (parts.TryDequeue(out string? part)) yield return part;
                if (generation.StopReason is not null) break;
                Step();
            }
            while (true);
            if (generation.Failure is not null) throw new ReverieException(generation.Failure);
        }
        finally
        {
            if (generation.StopReason is null)
            {
                generation.Cancel();
                Step();
            }
        }
    }

    /// <summary>
    /// Forgets what was derived from the weights: call it when training is about to change them, or has, and when the model's
    /// <see cref="Transformer.Adapter"/> is another. Nothing may be running then.
    /// </summary>
    /// <exception cref="InvalidOperationException">Sequences are being decoded.</exception>
    public void WeightsChanged()
    {
        if (_active.Count > 0) throw new InvalidOperationException("Sequences are being decoded: run them to their ends before the weights change.");
        _cache.Forget();
        Unpack(changes: true);
    }

    /// <summary>Frees the cache and the layout of the weights; the model stays. What has not ended never will.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        lock (_waiting)
            foreach (Generation generation in _waiting.Concat(_active)) generation.Request.Adapter?.Release();
        Unpack(changes: false);
        _cache.Dispose();
        _arena.Dispose();
    }

    /// <summary>Ends what was cancelled before it ended by itself.</summary>
    private void Leave()
    {
        for (int i = 0; i < _active.Count; i++)
            if (_active[i] is { StopReason: null, IsCancelled: true }) End(_active[i], StopReason.Cancelled);
        _active.RemoveAll(static g => g.StopReason is not null);
    }

    /// <summary>
    /// Starts waiting sequences in their order while there are slots and pages. One whose beginning is being computed for another
    /// lets others go first until it is there.
    /// </summary>
    private void Join()
    {
        int joined = _active.Count;
        lock (_waiting)
        {
            int kept = 0;
            bool full = false;
            for (int i = 0; i < _waiting.Count; i++)
            {
                Generation next = _waiting[i];
                full |= _active.Count == _options.MaxConcurrent;
                if (next.IsCancelled) _cancelled.Add(next);
                else if (full || WaitsForAnother(next) || (full = !TryGivePages(next))) _waiting[kept++] = next;
                else _active.Add(next);
            }

            _waiting.RemoveRange(kept, _waiting.Count - kept);
        }

        foreach (Generation generation in _cancelled) End(generation, StopReason.Cancelled);
        _cancelled.Clear();
        for (int i = joined; i < _active.Count; i++)
            if (!_active[i].PrepareChoice()) End(_active[i], _active[i].StopReason!.Value);
        _active.RemoveAll(static g => g.StopReason is not null);
    }

    /// <summary>Whether another sequence is on the way to more of the same beginning than there is already.</summary>
    private bool WaitsForAnother(Generation next)
    {
        ReadOnlySpan<int> prompt = next.Request.Prompt.AsSpan(0, next.PromptLength - 1);
        int there = -1;
        foreach (Generation other in _active)
        {
            if (other.Cached >= other.PromptLength) continue;
            if (other.Adapter != (next.Request.Adapter ?? _transformer.Adapter)) continue;
            int common = Math.Min(prompt.CommonPrefixLength(other.Request.Prompt), other.PromptLength);
            if (common < WorthWaiting) continue;
            if (there < 0) there = _cache.Find(prompt, other.CacheKey);
            if (common >= there + WorthWaiting) return true;
        }

        return false;
    }

    /// <summary>All pages that the sequence can ever need, so that it never has to stop for want of one.</summary>
    private bool TryGivePages(Generation generation)
    {
        // The last token of the prompt is computed in any case: the next one is drawn from its output.
        int[] pages = new int[KvCache.PagesFor(generation.Limit)];
        generation.Adapter = generation.Request.Adapter ?? _transformer.Adapter;
        if (!_cache.TryTake(generation.Request.Prompt.AsSpan(0, generation.PromptLength - 1), pages, out int found, generation.CacheKey)) return false;
        (generation.Pages, generation.Cached, generation.ReusedTokens) = (pages, found, found);
        return true;
    }

    /// <summary>Ids beyond the tokenizer's are padding of the table: they stand for nothing.</summary>
    private int KnownTokens => _tokenizer?.VocabularySize ?? _transformer.Config.VocabularySize;

    private void Advance()
    {
        if (!_packed) _transformer.Prepack(_tape.Kernels);
        _packed = true;
        (int count, int segments) = Gather(out int samplers);
        Tensor hidden = _transformer.ForwardCached(_tape, _tokens, count, _segments, segments, _cache.Values, _adapterRows);
        ProcessedTokens += count;
        foreach (Generation generation in _active) Publish(generation);
        if (samplers > 0) Sample(hidden, samplers);
        _tape.Reset();
        Leave();
    }

    /// <summary>Fills the batch: sequences that are past their prompts first, then as much of the prompts as there is room for.</summary>
    private (int Tokens, int Segments) Gather(out int samplers)
    {
        int count = 0, segments = 0, room = _options.PrefillTokens;
        samplers = 0;
        _adapterRows.Clear();
        for (int pass = 0; pass < 2; pass++)
        {
            foreach (Generation generation in _active)
            {
                int left = generation.Count - generation.Cached;
                if (left == 1 != (pass == 0)) continue;
                int length = pass == 0 ? 1 : Math.Min(left, room);
                if (length == 0) continue;
                if (pass == 1) room -= length;
                if (generation.StartedTimestamp == 0) generation.StartedTimestamp = Stopwatch.GetTimestamp();
                generation.AllTokens.Slice(generation.Cached, length).CopyTo(_tokens.AsSpan(count));
                _segments[segments] = new Segment(count, length);
                _cache.Values.Past[segments] = generation.Cached;
                _cache.Values.Pages[segments++] = generation.Pages;
                if (generation.Adapter is { } adapter)
                {
                    if (_adapters.Add(adapter)) _adapters.RemoveWhere(static a => a.IsDisposed);
                    _adapterRows.Add(adapter, count, length);
                }

                count += length;
                generation.Cached += length;
                if (length < left) continue;
                _sampling[samplers] = generation;
                _samplingRows[samplers++] = count - 1;
            }
        }

        return (count, segments);
    }

    private void Sample(Tensor hidden, int samplers)
    {
        Tensor last = hidden;
        if (samplers < hidden.Rows)
        {
            last = _arena.Allocate(samplers, hidden.Columns);
            for (int i = 0; i < samplers; i++) hidden.Row(_samplingRows[i]).CopyTo(last.Row(i));
        }

        Tensor logits = Ops.Linear(_tape, last, _transformer.Head);
        ReadOnlySpan<Generation> sampling = _sampling.AsSpan(0, samplers);
        _sampler.Run(sampling, logits, KnownTokens);
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < samplers; i++)
        {
            sampling[i].Append(_sampler.Sampled[i], _sampler.LogProbabilities[i], ContextLength, now);
            if (sampling[i].StopReason is not null) Release(sampling[i]);
        }

        long told = Stopwatch.GetTimestamp();
        foreach (Generation generation in sampling) generation.Notify(token: true);
        _ticks -= Stopwatch.GetTimestamp() - told;
        Array.Clear(_sampling, 0, samplers);
    }

    private void End(Generation generation, StopReason reason)
    {
        if (generation.StopReason is null) generation.Finish(reason);
        Release(generation);
        generation.Notify(token: false);
    }

    /// <summary>Lets others use what is computed: the prompt at once, what follows page by page.</summary>
    private void Publish(Generation generation)
    {
        int cached = generation.Cached, published = generation.Published;
        if (cached < generation.PromptLength || (published >= generation.PromptLength && cached / PagedKeyValues.PageTokens == published / PagedKeyValues.PageTokens)) return;
        _cache.Publish(generation.Pages, generation.AllTokens[..cached], generation.CacheKey);
        generation.Published = cached;
    }

    private void Release(Generation generation)
    {
        if (generation.Pages.Length > 0)
        {
            _cache.Publish(generation.Pages, generation.AllTokens[..generation.Cached], generation.CacheKey);
            _cache.Give(generation.Pages);
            generation.Pages = [];
        }

        generation.Request.Adapter?.Release();
    }

    private void Unpack(bool changes)
    {
        if (_packed) _transformer.Unpack(_tape.Kernels);
        _packed = false;
        foreach (Adapter adapter in _adapters) adapter.ForgetFactors(changes);
        _adapters.Clear();
    }
}
