using System.Runtime.CompilerServices;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <summary>Rows whose share of the gain's gradient is added up in one piece: fixed, so that the sum's order is.</summary>
    private const int NormBlockRows = 32;

    /// <inheritdoc/>
    public void RmsNorm(Tensor x, Tensor gain, float epsilon, Tensor y, Tensor inverseRms)
    {
        int rows = RowsOfPiece(x.Columns);
        Run(new RmsNormJob(x.Pointer, gain.Pointer, y.Pointer, inverseRms.Pointer, epsilon, x.Rows, x.Columns, rows), Pieces(x.Rows, rows));
    }

    /// <inheritdoc/>
    public void RmsNormBackward(Tensor x, Tensor gain, Tensor inverseRms, Tensor yGradient, Tensor xGradient, bool accumulate, Tensor? gainGradient)
    {
        int blocks = Pieces(x.Rows, NormBlockRows);
        float* partial = Scratch.Take(ScratchUse.Call, (long)blocks * x.Columns);
        Run(new RmsNormBackwardJob(x.Pointer, gain.Pointer, inverseRms.Pointer, yGradient.Pointer, xGradient.Pointer, accumulate, partial, x.Rows, x.Columns), blocks);
        if (gainGradient is not null) AddRows(partial, blocks, x.Columns, gainGradient.Pointer);
    }

    /// <summary>target += row 0, then row 1, and so on.</summary>
    private static void AddRows(float* rows, long count, int columns, float* target)
    {
        for (long row = 0; row < count; row++)
        {
            var blocks = new MapBlocks<AddMap>(new AddMap(rows + row * columns, target), columns);
            for (int i = 0; i < blocks.Count; i++) new Widest<MapBlocks<AddMap>>(blocks).Execute(i);
        }
    }

    private readonly struct RmsNormJob(float* x, float* gain, float* y, float* inverseRms, float epsilon, int rows, int columns, int rowsOfPiece) : IVectorJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            int n = columns;
            for (long row = (long)index * rowsOfPiece, end = Math.Min(row + rowsOfPiece, rows); row < end; row++)
            {
                float* source = x + row * n, target = y + row * n;
                float inverse = 1 / MathF.Sqrt(VectorMath<TVector, TSimd>.Dot(source, source, n) / n + epsilon);
                inverseRms[row] = inverse;
                TVector factor = TSimd.Broadcast(inverse);
                int i = 0;
                for (; i <= n - TSimd.Width; i += TSimd.Width)
                    TSimd.Store(target + i, TSimd.Multiply(TSimd.Multiply(TSimd.Load(source + i), factor), TSimd.Load(gain + i)));
                if (i < n)
                    TSimd.StorePart(target + i, TSimd.Multiply(TSimd.Multiply(TSimd.LoadPart(source + i, n - i), factor), TSimd.LoadPart(gain + i, n - i)), n - i);
            }
        }
    }

    /// <summary>With h = x / rms: gain' = sum of y' h, and x' = (y' gain - h mean(y' gain h)) / rms.</summary>
    private readonly struct RmsNormBackwardJob(float* x, float* gain, float* inverseRms, float* yGradient, float* xGradient, bool accumulate, float* partial, int rows, int columns) : IVectorJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            int n = columns;
            float* gainSum = partial + (long)index * n;
            new Span<float>(gainSum, n).Clear();
            for (long row = (long)index * NormBlockRows, end = Math.Min(row + NormBlockRows, rows); row < end; row++)
            {
                float* source = x + row * n, target = xGradient + row * n, upstream = yGradient + row * n;
                float inverse = inverseRms[row];
                TVector factor = TSimd.Broadcast(inverse), sum0 = TSimd.Zero, sum1 = TSimd.Zero;
                int i = 0;
                for (; i <= n - 2 * TSimd.Width; i += 2 * TSimd.Width)
                {
                    sum0 = Gather<TVector, TSimd, Whole>(source + i, upstream + i, gainSum + i, i, factor, sum0, TSimd.Width);
                    sum1 = Gather<TVector, TSimd, Whole>(source + i + TSimd.Width, upstream + i + TSimd.Width, gainSum + i + TSimd.Width, i + TSimd.Width, factor, sum1, TSimd.Width);
                }

                if (i <= n - TSimd.Width)
                {
                    sum0 = Gather<TVector, TSimd, Whole>(source + i, upstream + i, gainSum + i, i, factor, sum0, TSimd.Width);
                    i += TSimd.Width;
                }

                if (i < n) sum1 = Gather<TVector, TSimd, Part>(source + i, upstream + i, gainSum + i, i, factor, sum1, n - i);

                TVector mean = TSimd.Broadcast(TSimd.Sum(TSimd.Add(sum0, sum1)) / n);
                for (i = 0; i <= n - TSimd.Width; i += TSimd.Width) Finish<TVector, TSimd, Whole>(source + i, upstream + i, target + i, i, factor, mean, TSimd.Width);
                if (i < n) Finish<TVector, TSimd, Part>(source + i, upstream + i, target + i, i, factor, mean, n - i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private TVector Gather<TVector, TSimd, TAccess>(float* source, float* upstream, float* gainSum, int at, TVector factor, TVector sum, int count)
            where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess
        {
            TVector normed = TSimd.Multiply(TAccess.Load<TVector, TSimd>(source, count), factor);
            TVector product = TSimd.Multiply(TAccess.Load<TVector, TSimd>(upstream, count), normed);
            TAccess.Store<TVector, TSimd>(gainSum, TSimd.Add(TAccess.Load<TVector, TSimd>(gainSum, count), product), count);
            return TSimd.MultiplyAdd(product, TAccess.Load<TVector, TSimd>(gain + at, count), sum);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private void Finish<TVector, TSimd, TAccess>(float* source, float* upstream, float* target, int at, TVector factor, TVector mean, int count)
            where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess
        {
            TVector normed = TSimd.Multiply(TAccess.Load<TVector, TSimd>(source, count), factor);
            TVector gradient = TSimd.Multiply(TAccess.Load<TVector, TSimd>(upstream, count), TAccess.Load<TVector, TSimd>(gain + at, count));
            gradient = TSimd.Multiply(TSimd.Subtract(gradient, TSimd.Multiply(normed, mean)), factor);
            if (accumulate) gradient = TSimd.Add(TAccess.Load<TVector, TSimd>(target, count), gradient);
            TAccess.Store<TVector, TSimd>(target, gradient, count);
        }
    }
}
