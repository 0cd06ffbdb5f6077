using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

/// <summary>Functions of single rows, on the thread that calls them: for what is too small to share out.</summary>
public static unsafe class RowMath
{
    /// <summary>y[i] = e^((x[i] - shift) scale), within two units in the last place; exactly zero below e^-87.7.</summary>
    /// <exception cref="ArgumentException">y is shorter than x.</exception>
    public static void Exponentials(ReadOnlySpan<float> x, float shift, float scale, Span<float> y)
    {
        if (y.Length < x.Length) throw new ArgumentException($"There is room for {y.Length} results of {x.Length}.", nameof(y));
        fixed (float* from = x, to = y) new Widest<ExponentialsJob>(new ExponentialsJob { X = from, Y = to, Shift = shift, Scale = scale, Count = x.Length }).Execute(0);
    }

    private struct ExponentialsJob : IVectorJob
    {
        public float* X, Y;
        public float Shift, Scale;
        public int Count;

        public readonly void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector> =>
            VectorMath<TVector, TSimd>.Exponentials(X, Y, Shift, Scale, Count);
    }
}
