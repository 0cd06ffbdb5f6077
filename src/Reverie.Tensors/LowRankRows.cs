namespace Reverie.Tensors;

/// <summary>Some rows of a batch and the low-rank addition to them (LoRA, arXiv 2106.09685), both factors transposed so that vectors run along the outputs.</summary>
/// <param name="Start">First row.</param>
/// <param name="Count">Rows.</param>
/// <param name="Down">A transposed: (inputs, r).</param>
/// <param name="Up">B transposed: (r, outputs).</param>
/// <param name="Scale">Factor between them: alpha / r.</param>
public readonly record struct LowRankRows(int Start, int Count, Tensor Down, Tensor Up, float Scale);
