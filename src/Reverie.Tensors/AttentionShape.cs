namespace Reverie.Tensors;

/// <summary>The constants of an attention layer.</summary>
/// <param name="Heads">Query heads.</param>
/// <param name="KeyValueHeads">Key and value heads; each serves Heads / KeyValueHeads query heads (grouped-query attention, arXiv 2305.13245).</param>
/// <param name="HeadDimension">Width of a head; even.</param>
/// <param name="RopeTheta">Base of the rotary frequencies (arXiv 2104.09864), half-split as in Qwen and Llama on the hub.</param>
/// <param name="Epsilon">Added to the mean square in the per-head norm of queries and keys.</param>
/// <param name="Window">How many tokens back a token sees, itself included; 0 for all of them.</param>
/// <param name="Scaling">How the rotary frequencies are stretched; null for not at all.</param>
public sealed record AttentionShape(int Heads, int KeyValueHeads, int HeadDimension, float RopeTheta = 10000f, float Epsilon = 1e-6f, int Window = 0, RopeScaling? Scaling = null)
{
    /// <summary>Columns of the fused projection: queries, then keys, then values.</summary>
    public int ProjectionColumns => (Heads + 2 * KeyValueHeads) * HeadDimension;

    /// <summary>Columns of the output.</summary>
    public int OutputColumns => Heads * HeadDimension;
}
