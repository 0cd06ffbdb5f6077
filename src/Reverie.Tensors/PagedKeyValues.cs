namespace Reverie.Tensors;

/// <summary>
/// Where the keys and values of a batch of cached sequences stand. Memory comes in pages of <see cref="PageTokens"/>
/// positions; a page holds all layers. For one layer a page has the keys of all key-value heads, transposed,
/// (KeyValueHeads, HeadDimension, PageTokens), and behind them the values, (KeyValueHeads, PageTokens, HeadDimension), so
/// that both products of attention read long runs of memory. Keys are stored after the norm and the rotation.
/// </summary>
public sealed class PagedKeyValues
{
    /// <summary>Positions in a page.</summary>
    public const int PageTokens = 64;

    /// <summary>Creates the view for pages in <paramref name="memory"/>, one page a row.</summary>
    public PagedKeyValues(Tensor memory, int layers, AttentionShape shape)
    {
        Memory = memory;
        Layers = layers;
        if (memory.Columns != PageFloats(layers, shape)) throw new ArgumentException($"A page has {PageFloats(layers, shape)} floats, not {memory.Columns}.", nameof(memory));
    }

    /// <summary>The pages: (pages, PageFloats).</summary>
    public Tensor Memory { get; }

    /// <summary>Layers in a page.</summary>
    public int Layers { get; }

    /// <summary>For each segment of the batch the number of positions that are cached before its first token.</summary>
    public int[] Past { get; set; } = [];

    /// <summary>For each segment of the batch the rows of <see cref="Memory"/> that hold its positions, in order, with room for its new tokens.</summary>
    public int[][] Pages { get; set; } = [];

    /// <summary>Floats in a page.</summary>
    public static int PageFloats(int layers, AttentionShape shape) =>
        checked(layers * shape.KeyValueHeads * 2 * shape.HeadDimension * PageTokens);

    /// <summary>Offset of the keys of a layer and head inside a page, in floats.</summary>
    public static int Offset(int layer, int head, AttentionShape shape) =>
        (2 * layer * shape.KeyValueHeads + head) * shape.HeadDimension * PageTokens;

    /// <summary>From the keys of a layer and head to their values, in floats.</summary>
    public static int ValueOffset(AttentionShape shape) => shape.KeyValueHeads * shape.HeadDimension * PageTokens;
}
