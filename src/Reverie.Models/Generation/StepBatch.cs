using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The tokens that one step of a <see cref="Generator"/> computes. Allocated once, for the most there can be.</summary>
internal sealed class StepBatch
{
    private readonly PagedKeyValues _pages;
    private readonly int _prefillTokens;
    private readonly Generation[] _sampling;
    private readonly int[] _samplingRows;
    private readonly List<Generation> _decoding = [], _prompts = [];
    private readonly List<(Generation Generation, Segment Rows)> _embedding = [];
    private int _samplers;

    /// <summary>Creates the room for <paramref name="sequences"/> sequences and, beside one token of each, <paramref name="prefillTokens"/> tokens of prompts.</summary>
    public StepBatch(int sequences, int prefillTokens, PagedKeyValues pages)
    {
        (_pages, _prefillTokens) = (pages, prefillTokens);
        Tokens = new int[sequences + prefillTokens];
        Segments = new Segment[sequences];
        _sampling = new Generation[sequences];
        _samplingRows = new int[sequences];
        pages.Past = new int[sequences];
        pages.Pages = new int[sequences][];
    }

    /// <summary>Token ids, of which <see cref="Count"/> count.</summary>
    public int[] Tokens { get; }

    /// <summary>Tokens of the step.</summary>
    public int Count { get; private set; }

    /// <summary>One for each sequence, of which <see cref="SegmentCount"/> count.</summary>
    public Segment[] Segments { get; }

    /// <summary>Sequences of the step.</summary>
    public int SegmentCount { get; private set; }

    /// <summary>Whose adapter which rows have.</summary>
    public AdapterRows Adapters { get; } = new();

    /// <summary>The sequences that get a token from this step.</summary>
    public ReadOnlySpan<Generation> Sampling => _sampling.AsSpan(0, _samplers);

    /// <summary>
    /// Fills the batch: sequences that are past their prompts first, then as much of the prompts as there is room for. Of these the one that
    /// came first has half of the room, so that it is done some day, and the shortest go before the longer, so that most wait little.
    /// </summary>
    /// <param name="active">The sequences, in the order in which they came; each with pages for what it computes here.</param>
    public void Gather(List<Generation> active)
    {
        (Count, SegmentCount, _samplers) = (0, 0, 0);
        Adapters.Clear();
        _decoding.Clear();
        _prompts.Clear();
        _embedding.Clear();
        foreach (Generation generation in active)
        {
            if (generation.Left == 1 && !generation.Request.IsEmbedding) _decoding.Add(generation);
            else _prompts.Add(generation);
        }

        // Those of one adapter side by side, which then read it together.
        _decoding.Sort(static (a, b) => a.CacheKey.CompareTo(b.CacheKey));
        foreach (Generation generation in _decoding) Add(generation, 1);

        if (_prompts.Count == 0) return;
        Generation oldest = _prompts[0];
        int room = _prefillTokens, kept = Math.Min(oldest.Left, (room + 1) / 2);
        while (_prompts.Count > 0 && room > 0)
        {
            int next = 0;
            for (int i = 1; i < _prompts.Count; i++)
                if (_prompts[i].Left < _prompts[next].Left) next = i;
            Generation shortest = _prompts[next];
            _prompts.RemoveAt(next);
            if (shortest == oldest) kept = 0;
            int length = Math.Min(shortest.Left, room - kept);
            if (length == 0) continue;
            room -= length;
            Add(shortest, length);
        }
    }

    /// <summary>The rows of <paramref name="hidden"/> from which tokens are drawn.</summary>
    public Tensor RowsToSample(Tensor hidden, Arena arena)
    {
        if (_samplers == hidden.Rows) return hidden;
        Tensor last = arena.Allocate(_samplers, hidden.Columns);
        for (int i = 0; i < _samplers; i++) hidden.Row(_samplingRows[i]).CopyTo(last.Row(i));
        return last;
    }

    /// <summary>Adds the step's hidden states to the embeddings that want them.</summary>
    public void Embed(Tensor hidden)
    {
        foreach ((Generation generation, Segment rows) in _embedding)
            for (int row = rows.Start; row < rows.Start + rows.Length; row++) generation.AddHidden(hidden.Row(row));
    }

    /// <summary>Lets go of the step's sequences.</summary>
    public void Forget()
    {
        Array.Clear(_sampling, 0, _samplers);
        _samplers = 0;
    }

    private void Add(Generation generation, int length)
    {
        if (generation.StartedTimestamp == 0) generation.StartedTimestamp = Stopwatch.GetTimestamp();
        generation.AllTokens.Slice(generation.Cached, length).CopyTo(Tokens.AsSpan(Count));
        Segments[SegmentCount] = new Segment(Count, length);
        _pages.Past[SegmentCount] = generation.Cached;
        _pages.Pages[SegmentCount++] = generation.Pages;
        if (generation.Adapter is { } adapter) Adapters.Add(adapter, Count, length);
        if (generation.Request.IsEmbedding) _embedding.Add((generation, new Segment(Count, length)));
        Count += length;
        generation.Cached += length;
        if (generation.Left > 0 || generation.Request.IsEmbedding) return;
        _sampling[_samplers] = generation;
        _samplingRows[_samplers++] = Count - 1;
    }
}
