using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The forward pass of attention, for training and for decoding alike. A row is one query head of one token. Its scores, its
/// softmax and its output are made in an order that depends on the row's own position alone, so that neither padding, paging,
/// batching nor the number of threads changes a bit.
/// </summary>
internal static unsafe class AttentionRows<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>Rows whose scores are held at once.</summary>
    public const int BlockRows = 16;

    private const int PageTokens = PagedKeyValues.PageTokens;

    /// <summary>Norms and rotates the piece's keys into its pages (transposed), and copies its values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(in AttentionCall call, in AttentionPiece piece)
    {
        int d = call.HeadDimension;
        float* key = stackalloc float[d];
        for (int i = 0; i < piece.Length; i++)
        {
            int position = piece.Past + i, slot = position % PageTokens;
            float* page = piece.Pages[position / PageTokens], values = page + call.ValueOffset + (nint)slot * d;
            float* source = call.Key(piece.Start + i, piece.Head), value = call.Value(piece.Start + i, piece.Head);
            Prefetch.Floats(source + Prefetch.Rows * (nint)call.Columns, d);
            Prefetch.Floats(value + Prefetch.Rows * (nint)call.Columns, d);
            RotaryHead<TVector, TSimd>.Forward(source, call.KeyGain, call.Epsilon, call.RotaryAt(position), 1, key, d);
            for (int c = 0; c < d; c++) page[c * PageTokens + slot] = key[c];
            VectorMath<TVector, TSimd>.Copy(value, values, d);
        }
    }

    /// <summary>Outputs, and where wanted log-sum-exps, of the piece's rows.</summary>
    public static void Attend(in AttentionCall call, in AttentionPiece piece, float* scratch)
    {
        for (int row = piece.FirstRow, end = piece.FirstRow + piece.Rows; row < end; row += BlockRows)
            AttendBlock(call, piece, row, Math.Min(BlockRows, end - row), scratch);
    }

    /// <summary>Floats of scratch that <see cref="Attend"/> needs for rows that see up to <paramref name="positions"/> positions.</summary>
    public static long ScratchFloats(int d, int positions) => BlockRows * (2L * d + ScoreStride(positions));

    /// <summary>Floats from one row of scores to the next: rows a multiple of 4 KiB apart would all meet in the same few lines of the first cache.</summary>
    public static long ScoreStride(int positions) => (positions + PageTokens - 1L) / PageTokens * PageTokens + 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AttendBlock(in AttentionCall call, in AttentionPiece piece, int firstRow, int rows, float* scratch)
    {
        int d = call.HeadDimension, group = call.Group;
        int firstPosition = piece.Past + firstRow / group, end = piece.Past + (firstRow + rows - 1) / group + 1;
        int begin = call.FirstVisible(firstPosition) / PageTokens * PageTokens;
        nint stride = (nint)ScoreStride(end - begin);
        float* queries = scratch, outputs = queries + BlockRows * d, scores = outputs + BlockRows * d;

        for (int r = 0; r < rows; r++)
        {
            int token = (firstRow + r) / group, head = piece.Head * group + (firstRow + r) % group;
            float* source = call.Query(piece.Start + token, head);
            Prefetch.Floats(source + BlockRows / group * (nint)call.Columns, d);
            RotaryHead<TVector, TSimd>.Forward(source, call.QueryGain, call.Epsilon, call.RotaryAt(piece.Past + token), call.Scale, queries + r * d, d);
        }

        for (int position = begin; position < end; position += PageTokens)
        {
            int width = Math.Min(PageTokens, (end - position + 15) & ~15);
            SmallProduct<TVector, TSimd>.Multiply(rows, width, d, queries, d, 1, piece.Pages[position / PageTokens], PageTokens, scores + (position - begin), stride, accumulate: false);
        }

        float* sums = stackalloc float[BlockRows];
        for (int r = 0; r < rows; r++)
        {
            int position = piece.Past + (firstRow + r) / group;
            sums[r] = Softmax(scores + r * stride, call.FirstVisible(position) - begin, position + 1 - begin, end - begin, out float maximum);
            if (call.LogSumExp != null)
                call.LogSumExp[(piece.Start + (firstRow + r) / group) * (long)call.Heads + piece.Head * group + (firstRow + r) % group] = maximum + (float)Math.Log(sums[r]);
        }

        for (int position = begin; position < end; position += PageTokens)
        {
            float* values = piece.Pages[position / PageTokens] + call.ValueOffset;
            SmallProduct<TVector, TSimd>.Multiply(rows, d, Math.Min(PageTokens, end - position), scores + (position - begin), stride, 1, values, d, outputs, d, accumulate: position > begin);
        }

        for (int r = 0; r < rows; r++)
        {
            int token = (firstRow + r) / group, head = piece.Head * group + (firstRow + r) % group;
            float* target = call.Output + (piece.Start + token) * (long)call.OutputColumns + (nint)head * d;
            VectorMath<TVector, TSimd>.Scale(outputs + r * d, target, 1 / sums[r], d);
        }
    }

    /// <summary>
    /// Scores [first, end) become e^(score - maximum) and those around them, in [0, width), zero. Whole vectors counted from the
    /// start of the page are added, masked lanes as zeros, so that the sum's order follows from the position alone.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Softmax(float* scores, int first, int end, int width, out float maximum)
    {
        int from = first / TSimd.Width * TSimd.Width, to = (end + TSimd.Width - 1) / TSimd.Width * TSimd.Width;
        for (int i = 0; i < first; i++) scores[i] = i < from ? 0 : float.NegativeInfinity;
        for (int i = end; i < to; i++) scores[i] = float.NegativeInfinity;
        for (int i = to; i < width; i++) scores[i] = 0;
        maximum = VectorMath<TVector, TSimd>.Maximum(scores + from, to - from);
        TVector shift = TSimd.Broadcast(maximum), sum = TSimd.Zero;
        for (int i = from; i < to; i += TSimd.Width)
        {
            TVector e = VectorMath<TVector, TSimd>.Exp(TSimd.Subtract(TSimd.Load(scores + i), shift));
            TSimd.Store(scores + i, e);
            sum = TSimd.Add(sum, e);
        }

        return TSimd.Sum(sum);
    }
}
