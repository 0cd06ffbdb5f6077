using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// The memory for keys and values of all sequences of a <see cref="Generator"/>, in pages of
/// <see cref="PagedKeyValues.PageTokens"/> positions (arXiv 2309.06180). A page belongs to one sequence at a time; the
/// system gives memory to pages only once they are written.
/// </summary>
public sealed class KvCache : IDisposable
{
    private readonly Arena _arena = new(blockBytes: 0);
    private readonly int[] _free;

    /// <summary>Creates a pool.</summary>
    /// <param name="config">The model.</param>
    /// <param name="pages">Pages in all.</param>
    /// <exception cref="ReverieException">There is not enough memory.</exception>
    public KvCache(TransformerConfig config, int pages)
    {
        Values = new PagedKeyValues(_arena.Allocate(pages, PagedKeyValues.PageFloats(config.Layers, config.Attention)), config.Layers, config.Attention);

        // Handed out from the end: page 0 first, and what was freed last again first, because it is warm.
        _free = [.. Enumerable.Range(0, pages).Reverse()];
        FreePages = pages;
    }

    /// <summary>Pages that belong to nobody.</summary>
    public int FreePages { get; private set; }

    /// <summary>Pages in all.</summary>
    public int TotalPages => _free.Length;

    /// <summary>The pages as the kernels see them.</summary>
    internal PagedKeyValues Values { get; }

    /// <summary>Pages that hold so many positions.</summary>
    public static int PagesFor(int tokens) => (tokens + PagedKeyValues.PageTokens - 1) / PagedKeyValues.PageTokens;

    /// <summary>Bytes of one page of a model.</summary>
    public static long PageBytes(TransformerConfig config) => (long)PagedKeyValues.PageFloats(config.Layers, config.Attention) * sizeof(float);

    /// <summary>Fills <paramref name="pages"/> with free pages, all or none.</summary>
    public bool TryTake(Span<int> pages)
    {
        if (pages.Length > FreePages) return false;
        foreach (ref int page in pages) page = _free[--FreePages];
        return true;
    }

    /// <summary>Gives pages back.</summary>
    public void Give(ReadOnlySpan<int> pages)
    {
        foreach (int page in pages) _free[FreePages++] = page;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose() => _arena.Dispose();
}
