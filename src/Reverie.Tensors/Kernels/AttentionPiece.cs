namespace Reverie.Tensors.Kernels;

/// <summary>
/// One piece of attention: new tokens [Start, Start + Length) of the batch, at positions from Past on, and one key-value head.
/// Its rows are counted token by token, and within a token by the query heads that share the head.
/// </summary>
internal unsafe struct AttentionPiece
{
    public int Start, Length, Past, Head, FirstRow, Rows;

    /// <summary>Whether it stands for all key-value heads of its one token, from head 0 on, whose pages follow each other.</summary>
    public bool AllHeads;

    /// <summary>Where the pages of the head lie, one pointer a page; null while the piece has to make its own.</summary>
    public float** Pages;
}
