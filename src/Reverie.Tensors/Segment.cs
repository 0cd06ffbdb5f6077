namespace Reverie.Tensors;

/// <summary>
/// A run of consecutive tokens of a flat batch that belong to one document. Attention is causal inside it and
/// never crosses it; a token's position is its index in the segment plus what the cache already holds.
/// </summary>
/// <param name="Start">Index of the first token in the batch.</param>
/// <param name="Length">Number of tokens.</param>
public readonly record struct Segment(int Start, int Length);
