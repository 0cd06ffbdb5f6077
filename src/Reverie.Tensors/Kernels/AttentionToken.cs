using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// Attention of one new token over its cache, all heads at once: page by page where <see cref="AttentionRows{TVector, TSimd}"/>
/// goes head by head, so that a cache that is larger than the processor's is read in long runs. Every number is made by the
/// same operations in the same order, so the bits are the same.
/// </summary>
internal static unsafe class AttentionToken<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    private const int PageTokens = PagedKeyValues.PageTokens;

    /// <summary>Floats of scratch for a token that sees up to <paramref name="positions"/> positions.</summary>
    public static long ScratchFloats(in AttentionCall call, int positions) =>
        call.Heads * (2L * call.HeadDimension + AttentionRows<TVector, TSimd>.ScoreStride(positions));

    /// <summary>Stores the token's keys and values in its pages.</summary>
    public static void Store(in AttentionCall call, in AttentionPiece piece, int pages)
    {
        AttentionPiece head = piece;
        for (head.Head = 0; head.Head < call.KeyValueHeads; head.Head++, head.Pages += pages) AttentionRows<TVector, TSimd>.Store(call, head);
    }

    /// <summary>The token's outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Attend(in AttentionCall call, in AttentionPiece piece, int pages, float* scratch)
    {
        int d = call.HeadDimension, group = call.Group, heads = call.Heads, end = piece.Past + 1;
        int first = call.FirstVisible(piece.Past), begin = first / PageTokens * PageTokens;
        nint stride = (nint)AttentionRows<TVector, TSimd>.ScoreStride(end - begin);
        float* queries = scratch, outputs = queries + heads * d, scores = outputs + heads * d;
        for (int head = 0; head < heads; head++)
            RotaryHead<TVector, TSimd>.Forward(call.Query(piece.Start, head), call.QueryGain, call.Epsilon, call.RotaryAt(piece.Past), call.Scale, queries + head * d, d);

        for (int position = begin; position < end; position += PageTokens)
        {
            int width = Math.Min(PageTokens, (end - position + 15) & ~15);
            float** page = piece.Pages + position / PageTokens;
            float* rows = queries, target = scores + (position - begin);
            for (int head = 0; head < call.KeyValueHeads; head++, page += pages, rows += group * d, target += group * stride)
                SmallProduct<TVector, TSimd>.Multiply(group, width, d, rows, d, 1, *page, PageTokens, target, stride, accumulate: false);
        }

        float* sums = stackalloc float[heads];
        for (int head = 0; head < heads; head++)
            sums[head] = AttentionRows<TVector, TSimd>.Softmax(scores + head * stride, first - begin, end - begin, end - begin, out _);

        for (int position = begin; position < end; position += PageTokens)
        {
            int count = Math.Min(PageTokens, end - position);
            float** page = piece.Pages + position / PageTokens;
            float* rows = scores + (position - begin), target = outputs;
            for (int head = 0; head < call.KeyValueHeads; head++, page += pages, rows += group * stride, target += group * d)
                SmallProduct<TVector, TSimd>.Multiply(group, d, count, rows, stride, 1, *page + call.ValueOffset, d, target, d, accumulate: position > begin);
        }

        float* output = call.Output + piece.Start * (long)call.OutputColumns;
        for (int head = 0; head < heads; head++) VectorMath<TVector, TSimd>.Scale(outputs + head * d, output + head * d, 1 / sums[head], d);
    }
}
