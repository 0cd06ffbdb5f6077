using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>One head of one token: the norm and the rotation of a query or key, and their backward.</summary>
internal static unsafe class RotaryHead<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>
    /// y = scale * rotate(x / rms(x) * gain), or without the norm where the gain is null: pairs (i, i + d/2) are turned by the
    /// angle whose cosines and sines are at <paramref name="rotary"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward(float* x, float* gain, float epsilon, float* rotary, float scale, float* y, int d)
    {
        int half = d / 2;
        if (half % TSimd.Width != 0)
        {
            if (TSimd.Width == 16) RotaryHead<Vector256<float>, Simd256>.Forward(x, gain, epsilon, rotary, scale, y, d);
            else if (TSimd.Width == 8) RotaryHead<Vector128<float>, Simd128>.Forward(x, gain, epsilon, rotary, scale, y, d);
            else RotaryHead<float, Simd32>.Forward(x, gain, epsilon, rotary, scale, y, d);
            return;
        }

        TVector factor = TSimd.Broadcast(gain == null ? scale : scale * InverseRms(x, epsilon, d));
        for (int i = 0; i < half; i += TSimd.Width)
        {
            TVector first = TSimd.Multiply(TSimd.Load(x + i), factor), second = TSimd.Multiply(TSimd.Load(x + half + i), factor);
            if (gain != null)
            {
                first = TSimd.Multiply(first, TSimd.Load(gain + i));
                second = TSimd.Multiply(second, TSimd.Load(gain + half + i));
            }

            TVector cosine = TSimd.Load(rotary + i), sine = TSimd.Load(rotary + half + i);
            TSimd.Store(y + i, TSimd.Subtract(TSimd.Multiply(first, cosine), TSimd.Multiply(second, sine)));
            TSimd.Store(y + half + i, TSimd.MultiplyAdd(second, cosine, TSimd.Multiply(first, sine)));
        }
    }

    /// <summary>Backward of <see cref="Forward"/>: reads yGradient (and overwrites it on the way), writes xGradient, adds to gainGradient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward(float* x, float* gain, float epsilon, float* rotary, float scale, float* yGradient, float* xGradient, float* gainGradient, int d)
    {
        int half = d / 2;
        if (half % TSimd.Width != 0)
        {
            if (TSimd.Width == 16) RotaryHead<Vector256<float>, Simd256>.Backward(x, gain, epsilon, rotary, scale, yGradient, xGradient, gainGradient, d);
            else if (TSimd.Width == 8) RotaryHead<Vector128<float>, Simd128>.Backward(x, gain, epsilon, rotary, scale, yGradient, xGradient, gainGradient, d);
            else RotaryHead<float, Simd32>.Backward(x, gain, epsilon, rotary, scale, yGradient, xGradient, gainGradient, d);
            return;
        }

        float* turned = gain == null ? xGradient : yGradient;
        TVector factor = TSimd.Broadcast(scale);
        for (int i = 0; i < half; i += TSimd.Width)
        {
            TVector first = TSimd.Multiply(TSimd.Load(yGradient + i), factor), second = TSimd.Multiply(TSimd.Load(yGradient + half + i), factor);
            TVector cosine = TSimd.Load(rotary + i), sine = TSimd.Load(rotary + half + i);
            TSimd.Store(turned + i, TSimd.MultiplyAdd(first, cosine, TSimd.Multiply(second, sine)));
            TSimd.Store(turned + half + i, TSimd.Subtract(TSimd.Multiply(second, cosine), TSimd.Multiply(first, sine)));
        }

        if (gain == null) return;
        float inverse = InverseRms(x, epsilon, d);
        TVector inverses = TSimd.Broadcast(inverse), sum = TSimd.Zero;
        for (int i = 0; i < d; i += TSimd.Width)
        {
            TVector product = TSimd.Multiply(TSimd.Load(yGradient + i), TSimd.Multiply(TSimd.Load(x + i), inverses));
            TSimd.Store(gainGradient + i, TSimd.Add(TSimd.Load(gainGradient + i), product));
            sum = TSimd.MultiplyAdd(product, TSimd.Load(gain + i), sum);
        }

        TVector mean = TSimd.Broadcast(TSimd.Sum(sum) / d);
        for (int i = 0; i < d; i += TSimd.Width)
        {
            TVector normed = TSimd.Multiply(TSimd.Load(x + i), inverses);
            TVector gradient = TSimd.Multiply(TSimd.Load(yGradient + i), TSimd.Load(gain + i));
            TSimd.Store(xGradient + i, TSimd.Multiply(TSimd.Subtract(gradient, TSimd.Multiply(normed, mean)), inverses));
        }
    }

    /// <summary>1 / sqrt(mean of squares + epsilon) of a head that is a whole number of vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float InverseRms(float* x, float epsilon, int d)
    {
        TVector even = TSimd.Zero, odd = TSimd.Zero;
        for (int i = 0; i < d; i += 2 * TSimd.Width)
        {
            TVector a = TSimd.Load(x + i), b = TSimd.Load(x + i + TSimd.Width);
            even = TSimd.MultiplyAdd(a, a, even);
            odd = TSimd.MultiplyAdd(b, b, odd);
        }

        return 1 / MathF.Sqrt(TSimd.Sum(TSimd.Add(even, odd)) / d + epsilon);
    }
}
