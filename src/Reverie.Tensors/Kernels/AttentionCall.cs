namespace Reverie.Tensors.Kernels;

/// <summary>What every piece of one attention call needs.</summary>
internal unsafe struct AttentionCall
{
    public float* Projection, QueryGain, KeyGain, Rotary, Output, LogSumExp;
    public int Columns, Heads, KeyValueHeads, HeadDimension, Window;
    public float Epsilon, Scale;

    /// <summary>From the keys of a head in a page to its values.</summary>
    public nint ValueOffset;

    public AttentionCall(Tensor projection, Tensor? queryGain, Tensor? keyGain, AttentionShape shape, float* rotary, Tensor output, Tensor? logSumExp)
    {
        Projection = projection.Pointer;
        Output = output.Pointer;
        Rotary = rotary;
        QueryGain = queryGain is null ? null : queryGain.Pointer;
        KeyGain = keyGain is null ? null : keyGain.Pointer;
        LogSumExp = logSumExp is null ? null : logSumExp.Pointer;
        (Columns, Heads, KeyValueHeads, HeadDimension, Window) = (shape.ProjectionColumns, shape.Heads, shape.KeyValueHeads, shape.HeadDimension, shape.Window);
        ValueOffset = (nint)HeadDimension * PagedKeyValues.PageTokens;
        (Epsilon, Scale) = (shape.Epsilon, (float)(1 / Math.Sqrt(shape.HeadDimension)));
    }

    /// <summary>Query heads that share a key-value head.</summary>
    public readonly int Group => Heads / KeyValueHeads;

    public readonly int OutputColumns => Heads * HeadDimension;

    /// <summary>Floats of one head in one page: keys (d, 64), then values (64, d).</summary>
    public readonly int PageFloats => 2 * HeadDimension * PagedKeyValues.PageTokens;

    public readonly float* Query(long token, int head) => Projection + token * Columns + (long)head * HeadDimension;

    public readonly float* Key(long token, int keyValueHead) => Query(token, Heads + keyValueHead);

    public readonly float* Value(long token, int keyValueHead) => Query(token, Heads + KeyValueHeads + keyValueHead);

    public readonly float* RotaryAt(long position) => Rotary + position * HeadDimension;

    /// <summary>The first position that a token at <paramref name="position"/> sees.</summary>
    public readonly int FirstVisible(int position) => Window > 0 ? Math.Max(0, position - Window + 1) : 0;
}
