using System.Runtime.CompilerServices;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void SwiGlu(Tensor gateUp, Tensor y)
    {
        int rows = RowsOfPiece(gateUp.Columns);
        Run(new SwiGluJob(gateUp.Pointer, y.Pointer, y.Rows, y.Columns, rows), Pieces(y.Rows, rows));
    }

    /// <inheritdoc/>
    public void SwiGluBackward(Tensor gateUp, Tensor yGradient, Tensor gateUpGradient)
    {
        int rows = RowsOfPiece(gateUp.Columns);
        Run(new SwiGluBackwardJob(gateUp.Pointer, yGradient.Pointer, gateUpGradient.Pointer, yGradient.Rows, yGradient.Columns, rows), Pieces(yGradient.Rows, rows));
    }

    private readonly struct SwiGluJob(float* gateUp, float* y, int rows, int columns, int rowsOfPiece) : IVectorJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            int n = columns;
            for (long row = (long)index * rowsOfPiece, end = Math.Min(row + rowsOfPiece, rows); row < end; row++)
            {
                float* gate = gateUp + row * 2 * n, up = gate + n, target = y + row * n;
                int i = 0;
                for (; i <= n - TSimd.Width; i += TSimd.Width) Apply<TVector, TSimd, Whole>(gate + i, up + i, target + i, TSimd.Width);
                if (i < n) Apply<TVector, TSimd, Part>(gate + i, up + i, target + i, n - i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Apply<TVector, TSimd, TAccess>(float* gate, float* up, float* target, int count)
            where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess
        {
            TVector g = TAccess.Load<TVector, TSimd>(gate, count);
            TVector silu = TSimd.Multiply(g, VectorMath<TVector, TSimd>.Sigmoid(g));
            TAccess.Store<TVector, TSimd>(target, TSimd.Multiply(silu, TAccess.Load<TVector, TSimd>(up, count)), count);
        }
    }

    /// <summary>With s = sigmoid(gate): up' = y' gate s, gate' = y' up s (1 + gate (1 - s)).</summary>
    private readonly struct SwiGluBackwardJob(float* gateUp, float* yGradient, float* gateUpGradient, int rows, int columns, int rowsOfPiece) : IVectorJob
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
        {
            int n = columns;
            for (long row = (long)index * rowsOfPiece, end = Math.Min(row + rowsOfPiece, rows); row < end; row++)
            {
                float* gate = gateUp + row * 2 * n, upstream = yGradient + row * n, target = gateUpGradient + row * 2 * n;
                int i = 0;
                for (; i <= n - TSimd.Width; i += TSimd.Width) Apply<TVector, TSimd, Whole>(gate + i, gate + n + i, upstream + i, target + i, target + n + i, TSimd.Width);
                if (i < n) Apply<TVector, TSimd, Part>(gate + i, gate + n + i, upstream + i, target + i, target + n + i, n - i);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Apply<TVector, TSimd, TAccess>(float* gate, float* up, float* upstream, float* gateTarget, float* upTarget, int count)
            where TVector : unmanaged where TSimd : ISimd<TVector> where TAccess : IAccess
        {
            TVector g = TAccess.Load<TVector, TSimd>(gate, count), gradient = TAccess.Load<TVector, TSimd>(upstream, count);
            TVector s = VectorMath<TVector, TSimd>.Sigmoid(g), one = TSimd.Broadcast(1f);
            TVector slope = TSimd.MultiplyAdd(g, TSimd.Subtract(one, s), one);
            TVector carried = TSimd.Multiply(gradient, s);
            TAccess.Store<TVector, TSimd>(gateTarget, TSimd.Multiply(TSimd.Multiply(carried, TAccess.Load<TVector, TSimd>(up, count)), slope), count);
            TAccess.Store<TVector, TSimd>(upTarget, TSimd.Multiply(carried, g), count);
        }
    }
}
