using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void SoftmaxLoss(Tensor logits, ReadOnlySpan<int> targets, TokenWeights? weights, int offset, float scale, Span<float> logProbabilities, Span<float> entropies)
    {
        int rows = RowsOfPiece(logits.Columns);
        fixed (int* ids = targets)
        fixed (float* results = logProbabilities, entropy = entropies)
        fixed (float* ce = weights?.Ce, rl = weights?.Rl, old = weights?.OldLogProbabilities)
        {
            if (rl != null && old == null) throw new ArgumentException("TokenWeights.Rl needs OldLogProbabilities.", nameof(weights));
            Run(
                new SoftmaxLossJob
                {
                    Logits = logits.Pointer,
                    Targets = ids,
                    LogProbabilities = results,
                    Entropies = entropy,
                    Rows = logits.Rows,
                    Columns = logits.Columns,
                    Learn = weights is not null,
                    Ce = ce + offset,
                    Rl = rl == null ? null : rl + offset,
                    Old = old + offset,
                    Scale = scale,
                    RowsOfPiece = rows,
                },
                Pieces(logits.Rows, rows));
        }
    }

    private struct SoftmaxLossJob : IVectorJob
    {
        public float* Logits, LogProbabilities, Entropies, Ce, Rl, Old;
        public int* Targets;
        public int Rows, Columns, RowsOfPiece;
        public float Scale;
        public bool Learn;

        public readonly void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            for (long row = (long)index * RowsOfPiece, end = Math.Min(row + RowsOfPiece, Rows); row < end; row++)
            {
                float* x = Logits + row * Columns;
                float ce = Learn ? Ce[row] : 0, rl = Learn && Rl != null ? Rl[row] : 0;
                bool learns = ce != 0 || rl != 0;
                float target = x[Targets[row]], maximum = VectorMath<TVector, TSimd>.Maximum(x, Columns);
                float weighted = Entropies == null ? 0 : VectorMath<TVector, TSimd>.WeightedSumOfExponentials(x, maximum, Columns);
                float sum = VectorMath<TVector, TSimd>.SumOfExponentials(x, x, maximum, Columns, learns);
                float logProbability = (float)(target - maximum - Math.Log(sum));
                LogProbabilities[row] = logProbability;

                // -sum of p log p, where log p = (x - maximum) - log(sum).
                if (Entropies != null) Entropies[row] = (float)Math.Max(0, Math.Log(sum) - weighted / sum);
                if (learns)
                {
                    float weight = ce + (rl == 0 ? 0 : rl * MathF.Exp(logProbability - Old[row]));
                    VectorMath<TVector, TSimd>.Scale(x, x, weight * Scale / sum, Columns);
                    x[Targets[row]] -= weight * Scale;
                }
                else if (Learn)
                {
                    new Span<float>(x, Columns).Clear();
                }
            }
        }
    }
}
