namespace Reverie.Training;

/// <summary>
/// One document of a flat batch, or one piece of a long one. Attention is causal inside a segment and never leaves it;
/// a token's position is its index inside the segment.
/// </summary>
/// <param name="Start">Index of its first token in <see cref="Batch.Tokens"/>.</param>
/// <param name="Length">Number of tokens, at least 1.</param>
public readonly record struct Segment(int Start, int Length);
