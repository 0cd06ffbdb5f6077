using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void SoftmaxLoss(Tensor logits, ReadOnlySpan<int> targets, TokenWeights? weights, int offset, float scale, Span<float> logProbabilities, Span<float> entropies,
        Tensor? teacher = null, bool reverse = false, Span<float> divergences = default)
    {
        int rows = RowsOfPiece(logits.Columns);
        fixed (int* ids = targets)
        fixed (float* results = logProbabilities, entropy = entropies, divergence = divergences)
        fixed (float* ce = weights?.Ce, rl = weights?.Rl, kl = weights?.Kl)
        {
            Run(
                new SoftmaxLossJob
                {
                    Logits = logits.Pointer,
                    Teacher = teacher is null ? null : teacher.Pointer,
                    Targets = ids,
                    LogProbabilities = results,
                    Entropies = entropy,
                    Divergences = divergence,
                    Rows = logits.Rows,
                    Columns = logits.Columns,
                    Learn = weights is not null,
                    Ce = ce + offset,
                    Rl = rl == null ? null : rl + offset,
                    Kl = kl == null || teacher is null ? null : kl + offset,
                    Scale = scale,
                    Reverse = reverse,
                    RowsOfPiece = rows,
                },
                Pieces(logits.Rows, rows));
        }
    }

    private struct SoftmaxLossJob : IVectorJob
    {
        public float* Logits, Teacher, LogProbabilities, Entropies, Divergences, Ce, Rl, Kl;
        public int* Targets;
        public int Rows, Columns, RowsOfPiece;
        public float Scale;
        public bool Learn, Reverse;

        public readonly void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            for (long row = (long)index * RowsOfPiece, end = Math.Min(row + RowsOfPiece, Rows); row < end; row++)
            {
                float* x = Logits + row * Columns;
                float ce = Learn ? Ce[row] : 0, rl = Learn && Rl != null ? Rl[row] : 0, kl = Learn && Kl != null ? Kl[row] : 0;
                bool learns = ce != 0 || rl != 0 || kl != 0, compares = Teacher != null && (kl != 0 || !Learn);
                float target = x[Targets[row]], maximum = VectorMath<TVector, TSimd>.Maximum(x, Columns);
                float weighted = Entropies == null ? 0 : VectorMath<TVector, TSimd>.WeightedSumOfExponentials(x, maximum, Columns);
                float sum = VectorMath<TVector, TSimd>.SumOfExponentials(x, x, maximum, Columns, learns && !compares);
                LogProbabilities[row] = (float)(target - maximum - Math.Log(sum));

                // -sum of p log p, where log p = (x - maximum) - log(sum).
                if (Entropies != null) Entropies[row] = (float)Math.Max(0, Math.Log(sum) - weighted / sum);
                if (compares) Compare<TVector, TSimd>(row, maximum, sum, ce + rl, kl);
                else if (Teacher != null) Divergences[row] = 0;
                if (learns)
                {
                    float weight = (ce + rl) * Scale;
                    if (!compares) VectorMath<TVector, TSimd>.Scale(x, x, weight / sum, Columns);
                    x[Targets[row]] -= weight;
                }
                else if (Learn)
                {
                    new Span<float>(x, Columns).Clear();
                }
            }
        }

        /// <summary>The divergence of a row from the teacher's, and, when there are weights, (weight p + kl d) scale in place of the logits.</summary>
        private readonly void Compare<TVector, TSimd>(long row, float maximum, float sum, float weight, float kl) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            float* x = Logits + row * Columns, t = Teacher + row * Columns;
            float teacherMaximum = VectorMath<TVector, TSimd>.Maximum(t, Columns);
            float teacherSum = VectorMath<TVector, TSimd>.SumOfExponentials(t, t, teacherMaximum, Columns, store: false);

            // log p - log q = x - t + shift.
            float shift = (float)(teacherMaximum + Math.Log(teacherSum) - maximum - Math.Log(sum));
            float divergence = Reverse
                ? VectorMath<TVector, TSimd>.ExpectedDifference(x, t, maximum, shift, Columns) / sum
                : VectorMath<TVector, TSimd>.ExpectedDifference(t, x, teacherMaximum, -shift, Columns) / teacherSum;
            Divergences[row] = Math.Max(0, divergence);
            if (!Learn) return;
            if (Reverse) VectorMath<TVector, TSimd>.MixExponentials(x, t, maximum, teacherMaximum, (weight + kl * (shift - divergence)) * Scale / sum, kl * Scale / sum, 0, Columns);
            else VectorMath<TVector, TSimd>.MixExponentials(x, t, maximum, teacherMaximum, (weight + kl) * Scale / sum, 0, kl * Scale / teacherSum, Columns);
        }
    }
}
