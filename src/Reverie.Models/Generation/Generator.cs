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
    private readonly SequencePages _pages;
    private readonly BatchSampler _sampler;
    private readonly StepBatch _batch;
    private readonly int[] _stopTokens;
    private readonly WaitingLine _waiting = new();
    private readonly List<Generation> _active = [], _cancelled = [];
    private readonly HashSet<Generation> _passed = [];
    private readonly HashSet<Adapter> _adapters = [];
    private volatile int _activeCount;
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
        _pages = new SequencePages(_cache);
        ContextLength = (int)Math.Min(config.ContextLength, (long)pages * PagedKeyValues.PageTokens);
        _sampler = new BatchSampler(_options.MaxConcurrent, config.VocabularySize, kernels);
        _stopTokens = [.. tokenizer?.StopTokens ?? []];

        _batch = new StepBatch(_options.MaxConcurrent, _options.PrefillTokens, _cache.Values);
    }

    /// <summary>Longest sequence, prompt and answer together: the model's, or less where <see cref="GeneratorOptions.CacheBytes"/> is small.</summary>
    public int ContextLength { get; }

    /// <summary>Sequences that are being decoded or wait for it.</summary>
    public int PendingCount => _waiting.Count + _activeCount;

    /// <summary>Sequences that wait for a place.</summary>
    public int WaitingCount => _waiting.Count;

    /// <summary>Pages of keys and values that sequences use.</summary>
    public int UsedPages => _cache.Pages - _cache.UnusedPages;

    /// <summary>Pages of keys and values in all.</summary>
    public int Pages => _cache.Pages;

    /// <summary>Tokens that have gone through the model so far, of prompts and of answers.</summary>
    public long ProcessedTokens { get; private set; }

    /// <summary>How often a sequence had to give its pages to older ones, and computed anew later.</summary>
    public long Restarts { get; private set; }

    /// <summary>Time spent in <see cref="Step"/> so far, in seconds, less what the callbacks of requests took.</summary>
    public double StepSeconds => Stopwatch.GetElapsedTime(0, _ticks).TotalSeconds;

    /// <summary>Queues a request; it runs in the coming calls of <see cref="Step"/>. A prompt that does not fit ends as <see cref="StopReason.ContextFull"/>.</summary>
    /// <exception cref="ReverieException">An option makes no sense, the prompt is empty or a token is not in the vocabulary.</exception>
    public Generation Submit(GenerationRequest request)
    {
        request.Validate(_transformer, _tokenizer);
        var generation = new Generation(request, ContextLength, _tokenizer, request.Options.StopTokens ?? _stopTokens, KnownTokens);
        if (request.Prompt.Length > ContextLength - (request.IsEmbedding ? 0 : 1))
        {
            generation.Finish(StopReason.ContextFull);
            generation.Notify(token: false);
            return generation;
        }

        request.Adapter?.Hold();
        _waiting.Add(generation);
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
        foreach (Generation generation in _waiting.Clear().Concat(_active)) generation.Request.Adapter?.Release();
        Unpack(changes: false);
        _cache.Dispose();
        _arena.Dispose();
    }

    /// <summary>Ids beyond the tokenizer's are padding of the table: they stand for nothing.</summary>
    private int KnownTokens => _tokenizer?.VocabularySize ?? _transformer.Config.VocabularySize;

    /// <summary>Ends what was cancelled before it ended by itself.</summary>
    private void Leave()
    {
        for (int i = 0; i < _active.Count; i++)
            if (_active[i] is { StopReason: null, IsCancelled: true }) End(_active[i], StopReason.Cancelled);
        _active.RemoveAll(static g => g.StopReason is not null);
        _activeCount = _active.Count;
    }

    /// <summary>
    /// Starts waiting sequences in their turn while there are slots and pages. One whose beginning is being computed for another
    /// lets others go first until it is there; one that is too large for the pages that are left lets nobody pass.
    /// </summary>
    private void Join()
    {
        _waiting.TakeCancelled(_cancelled);
        foreach (Generation generation in _cancelled) End(generation, StopReason.Cancelled);
        _cancelled.Clear();
        while (_active.Count < _options.MaxConcurrent && _waiting.Next(_passed) is { } next)
        {
            if (WaitsForAnother(next))
            {
                _passed.Add(next);
                continue;
            }

            if (!_pages.TryGive(next, AdapterOf(next), others: _active.Count)) break;
            if (next.Adapter is { } adapter && _adapters.Add(adapter)) _adapters.RemoveWhere(static a => a.IsDisposed);
            _waiting.Remove(next);
            _active.Add(next);
            if (next.StartedTimestamp == 0) next.Account!.Served += next.Left;
            if (next.PrepareChoice()) continue;
            End(next, next.StopReason!.Value);
            _active.Remove(next);
        }

        _passed.Clear();
        _activeCount = _active.Count;
    }

    /// <summary>Whether another sequence is on the way to more of the same beginning than there is already.</summary>
    private bool WaitsForAnother(Generation next)
    {
        if (next.Request.IsEmbedding) return false;
        ReadOnlySpan<int> prompt = next.Request.Prompt.AsSpan(0, next.PromptLength - 1);
        int there = -1;
        foreach (Generation other in _active)
        {
            if (other.Cached >= other.PromptLength || other.Request.IsEmbedding || other.Adapter != AdapterOf(next)) continue;
            int common = Math.Min(prompt.CommonPrefixLength(other.Request.Prompt), other.PromptLength);
            if (common < WorthWaiting) continue;
            if (there < 0) there = _cache.Find(prompt, other.CacheKey);
            if (common >= there + WorthWaiting) return true;
        }

        return false;
    }

    private Adapter? AdapterOf(Generation generation) => generation.Request.Adapter ?? _transformer.Adapter;

    /// <summary>Sees to it that every sequence has a page for its next token. Where there is none, the one that came last waits again and computes anew later, to the same bits.</summary>
    private void Grow()
    {
        for (int i = 0; i < _active.Count; i++)
        {
            Generation generation = _active[i];
            while (!_pages.TryGrow(generation))
            {
                Generation last = _active[^1];
                _active.RemoveAt(_active.Count - 1);
                _pages.GiveBack(last);
                last.Restart();
                Restarts++;
                _waiting.Return(last);
                if (last == generation) break;
            }
        }

        _activeCount = _active.Count;
    }

    private void Advance()
    {
        if (!_packed) _transformer.Prepack(_tape.Kernels);
        _packed = true;
        Grow();
        try
        {
            Compute();
        }
        finally
        {
            _batch.Forget();
            _tape.Reset();
        }

        Leave();
    }

    private void Compute()
    {
        _batch.Gather(_active);
        Tensor hidden = _transformer.ForwardCached(_tape, _batch.Tokens, _batch.Count, _batch.Segments, _batch.SegmentCount, _cache.Values, _batch.Adapters);
        ProcessedTokens += _batch.Count;
        foreach (Generation generation in _active) _pages.Publish(generation);
        _batch.Embed(hidden);
        if (_batch.Sampling.Length > 0) Sample(hidden);
        foreach (Generation generation in _active)
            if (generation.Embedding is not null) End(generation, StopReason.Complete);
    }

    private void Sample(Tensor hidden)
    {
        ReadOnlySpan<Generation> sampling = _batch.Sampling;
        _sampler.Run(sampling, Ops.Linear(_tape, _batch.RowsToSample(hidden, _arena), _transformer.Head), KnownTokens);
        long now = Stopwatch.GetTimestamp();
        for (int i = 0; i < sampling.Length; i++)
        {
            sampling[i].Account!.Served++;
            if (_sampler.Failure(i) is { } failure) sampling[i].Fail(failure);
            else sampling[i].Append(_sampler.Sampled[i], _sampler.LogProbabilities[i], ContextLength, now);
            if (sampling[i].StopReason is not null) Release(sampling[i]);
        }

        long told = Stopwatch.GetTimestamp();
        foreach (Generation generation in sampling) generation.Notify(token: generation.Failure is null);
        _ticks -= Stopwatch.GetTimestamp() - told;
    }

    private void End(Generation generation, StopReason reason)
    {
        if (generation.StopReason is null) generation.Finish(reason);
        Release(generation);
        generation.Notify(token: false);
    }

    private void Release(Generation generation)
    {
        _pages.GiveBack(generation);
        _waiting.Ended(generation);
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
