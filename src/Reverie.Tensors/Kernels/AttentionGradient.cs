using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// The backward pass of attention for one segment and key-value head, from the probabilities that the log-sum-exps give back:
/// with D = sum of o' o, s' = p (o' v - D), v' = p^T o', k' = s'^T q, q' = s' k. Blocks of 64 queries against blocks of 64 keys,
/// in one fixed order.
/// </summary>
internal static unsafe class AttentionGradient<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    private const int Block = 64;
    private const int Strip = 16;

    /// <summary>Floats of scratch for a segment of <paramref name="length"/> tokens.</summary>
    public static long ScratchFloats(int d, int length)
    {
        long padded = (length + Block - 1L) / Block * Block;
        return 5 * padded * d + 3L * Block * d + 2L * Block * Block + Block;
    }

    /// <summary>Does one piece; <paramref name="index"/> is its place in <see cref="AttentionGradientCall.GainGradients"/>.</summary>
    public static void Backward(in AttentionGradientCall call, in AttentionPiece piece, int index, float* scratch)
    {
        ref readonly AttentionCall forward = ref call.Forward;
        int d = forward.HeadDimension, length = piece.Length;
        nint padded = (length + Block - 1) / Block * Block;

        // Keys as rows and transposed, values transposed (blocks of (d, 64)), and the gradients of both as rows.
        float* keys = scratch, keysTransposed = keys + padded * d, valuesTransposed = keysTransposed + padded * d;
        float* keyGradient = valuesTransposed + padded * d, valueGradient = keyGradient + padded * d;
        float* queries = valueGradient + padded * d, upstream = queries + Block * d, queryGradient = upstream + Block * d;
        float* probabilities = queryGradient + Block * d, scoreGradient = probabilities + Block * Block, dots = scoreGradient + Block * Block;
        float* queryGainGradient = call.GainGradients + (nint)index * 2 * d, keyGainGradient = queryGainGradient + d;
        new Span<float>(queryGainGradient, 2 * d).Clear();
        Clear(keyGradient, padded * d);
        Clear(valueGradient, padded * d);
        Load(forward, piece, padded, keys, keysTransposed, valuesTransposed);

        for (int head = piece.Head * forward.Group; head < (piece.Head + 1) * forward.Group; head++)
        {
            for (int first = 0; first < length; first += Block)
            {
                int rows = Math.Min(Block, length - first);
                for (int r = 0; r < rows; r++)
                {
                    long token = piece.Start + first + r, at = token * forward.OutputColumns + (long)head * d;
                    float* query = forward.Query(token, head);
                    Prefetch.Floats(query + Prefetch.Rows * (nint)forward.Columns, d);
                    Prefetch.Floats(call.OutputGradient + at + Prefetch.Rows * (nint)forward.OutputColumns, d);
                    Prefetch.Floats(forward.Output + at + Prefetch.Rows * (nint)forward.OutputColumns, d);
                    RotaryHead<TVector, TSimd>.Forward(query, forward.QueryGain, forward.Epsilon, forward.RotaryAt(first + r), forward.Scale, queries + r * d, d);
                    VectorMath<TVector, TSimd>.Copy(call.OutputGradient + at, upstream + r * d, d);
                    dots[r] = VectorMath<TVector, TSimd>.Dot(upstream + r * d, forward.Output + at, d);
                }

                Clear(queryGradient, rows * d);
                for (int key = forward.FirstVisible(first) / Block * Block; key <= first; key += Block)
                {
                    nint at = (nint)key * d;
                    int width = Math.Min(Block, (first + rows - key + 15) & ~15), seen = Math.Min(Block, first + rows - key);
                    for (int strip = 0; strip < rows; strip += Strip)
                    {
                        int stripRows = Math.Min(Strip, rows - strip);
                        int stripWidth = Math.Min(width, (first + strip + stripRows - key + 15) & ~15), stripSeen = Math.Min(seen, first + strip + stripRows - key);
                        float* p = probabilities + strip * Block, s = scoreGradient + strip * Block;
                        SmallProduct<TVector, TSimd>.Multiply(stripRows, stripWidth, d, queries + strip * d, d, 1, keysTransposed + at, Block, p, Block, accumulate: false);
                        SmallProduct<TVector, TSimd>.Multiply(stripRows, stripWidth, d, upstream + strip * d, d, 1, valuesTransposed + at, Block, s, Block, accumulate: false);
                        for (int r = 0; r < stripRows; r++)
                        {
                            int position = first + strip + r;
                            float logSumExp = forward.LogSumExp[(piece.Start + position) * (long)forward.Heads + head];
                            Softmax(p + r * Block, s + r * Block, logSumExp, dots[strip + r], Math.Max(0, forward.FirstVisible(position) - key), Math.Min(Block, position + 1 - key), stripWidth);
                        }

                        SmallProduct<TVector, TSimd>.Multiply(stripRows, d, stripSeen, s, Block, 1, keys + at, d, queryGradient + strip * d, d, accumulate: true);
                        SmallProduct<TVector, TSimd>.Multiply(stripSeen, d, stripRows, p, 1, Block, upstream + strip * d, d, valueGradient + at, d, accumulate: true);
                        SmallProduct<TVector, TSimd>.Multiply(stripSeen, d, stripRows, s, 1, Block, queries + strip * d, d, keyGradient + at, d, accumulate: true);
                    }
                }

                for (int r = 0; r < rows; r++)
                {
                    float* query = forward.Query(piece.Start + first + r, head), target = call.ProjectionGradient + (query - forward.Projection);
                    Prefetch.Floats(target + Prefetch.Rows * (nint)forward.Columns, d);
                    RotaryHead<TVector, TSimd>.Backward(query, forward.QueryGain, forward.Epsilon, forward.RotaryAt(first + r), forward.Scale, queryGradient + r * d, target, queryGainGradient, d);
                }
            }
        }

        for (int i = 0; i < length; i++)
        {
            float* key = forward.Key(piece.Start + i, piece.Head), target = call.ProjectionGradient + (key - forward.Projection);
            float* valueTarget = target + (forward.Value(0, 0) - forward.Key(0, 0));
            Prefetch.Floats(key + Prefetch.Rows * (nint)forward.Columns, d);
            Prefetch.Floats(target + Prefetch.Rows * (nint)forward.Columns, d);
            Prefetch.Floats(valueTarget + Prefetch.Rows * (nint)forward.Columns, d);
            RotaryHead<TVector, TSimd>.Backward(key, forward.KeyGain, forward.Epsilon, forward.RotaryAt(i), 1, keyGradient + (nint)i * d, target, keyGainGradient, d);
            VectorMath<TVector, TSimd>.Copy(valueGradient + (nint)i * d, valueTarget, d);
        }
    }

    /// <summary>Keys after norm and rotation, twice, and values transposed; positions after the last are zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Load(in AttentionCall call, in AttentionPiece piece, nint padded, float* keys, float* keysTransposed, float* valuesTransposed)
    {
        int d = call.HeadDimension;
        for (nint i = 0; i < padded; i++)
        {
            float* key = keys + i * d, keyColumn = keysTransposed + i / Block * Block * d + i % Block, valueColumn = valuesTransposed + (keyColumn - keysTransposed);
            if (i < piece.Length)
            {
                float* source = call.Key(piece.Start + i, piece.Head), value = call.Value(piece.Start + i, piece.Head);
                Prefetch.Floats(source + Prefetch.Rows * (nint)call.Columns, d);
                Prefetch.Floats(value + Prefetch.Rows * (nint)call.Columns, d);
                RotaryHead<TVector, TSimd>.Forward(source, call.KeyGain, call.Epsilon, call.RotaryAt(i), 1, key, d);
                for (int c = 0; c < d; c++) (keyColumn[c * Block], valueColumn[c * Block]) = (key[c], value[c]);
            }
            else
            {
                for (int c = 0; c < d; c++) (keyColumn[c * Block], valueColumn[c * Block]) = (0, 0);
            }
        }
    }

    /// <summary>Scores become probabilities, zero outside [first, end), and o' v becomes s'.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Softmax(float* scores, float* gradient, float logSumExp, float dot, int first, int end, int width)
    {
        for (int i = 0; i < first; i++) scores[i] = float.NegativeInfinity;
        for (int i = end; i < width; i++) scores[i] = float.NegativeInfinity;
        TVector shift = TSimd.Broadcast(logSumExp), dots = TSimd.Broadcast(dot);
        for (int i = 0; i < width; i += TSimd.Width)
        {
            TVector p = VectorMath<TVector, TSimd>.Exp(TSimd.Subtract(TSimd.Load(scores + i), shift));
            TSimd.Store(scores + i, p);
            TSimd.Store(gradient + i, TSimd.Multiply(p, TSimd.Subtract(TSimd.Load(gradient + i), dots)));
        }
    }

    private static void Clear(float* x, nint count) => Unsafe.InitBlock(x, 0, checked((uint)(count * sizeof(float))));
}
