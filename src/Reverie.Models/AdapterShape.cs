namespace Reverie.Models;

/// <summary>One matrix's share of an addition.</summary>
/// <param name="Rank">Rows of its A; 0 where nothing is added to it.</param>
/// <param name="Alpha">Strength before the division by the rank, or by its root.</param>
internal readonly record struct AdapterPart(int Rank, float Alpha)
{
    /// <summary>The factor of B A: alpha / r, or alpha / sqrt(r) (rsLoRA, arXiv 2312.03732).</summary>
    public float Scale(bool rankStabilized) => Alpha / (rankStabilized ? MathF.Sqrt(Rank) : Rank);
}

/// <summary>How the addition to a parameter is made of those to its matrices: queries, keys and values, or gate and up.</summary>
/// <param name="Parts">One for each matrix, in the order of the rows.</param>
/// <param name="IsShared">
/// Whether one A serves all parts. If not, A holds theirs one above the other, and B is zero but for blocks on its diagonal: the same
/// function, in the same bits, as the parts by themselves.
/// </param>
internal sealed record AdapterShape(IReadOnlyList<AdapterPart> Parts, bool IsShared)
{
    /// <summary>Rows of A.</summary>
    public int Rank => IsShared ? Parts[0].Rank : Parts.Sum(p => p.Rank);

    /// <summary>The factor of B A, the same for all parts that have one.</summary>
    public float Scale(bool rankStabilized) => Parts.First(p => p.Rank > 0).Scale(rankStabilized);

    /// <summary>First row in A of a part.</summary>
    public int Start(int part) => IsShared ? 0 : Parts.Take(part).Sum(p => p.Rank);
}
