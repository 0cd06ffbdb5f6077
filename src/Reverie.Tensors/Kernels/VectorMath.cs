using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>Functions of a vector, and of rows, at one vector width.</summary>
internal static unsafe class VectorMath<TVector, TSimd>
    where TVector : unmanaged
    where TSimd : ISimd<TVector>
{
    /// <summary>
    /// e^x to about one unit in the last place: x = n ln 2 + r, a polynomial of degree 6 in r (Chebyshev fit, relative error
    /// below 1e-8 before rounding), times 2^n. Saturates at e^88; below -87.7, and for -infinity, exactly zero; NaN stays NaN.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Exp(TVector x)
    {
        x = TSimd.Min(TSimd.Broadcast(88f), TSimd.Max(TSimd.Broadcast(-88f), x));

        // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits; 127 more makes it a biased exponent.
        TVector magic = TSimd.Broadcast(12582912f + 127f);
        TVector shifted = TSimd.MultiplyAdd(x, TSimd.Broadcast(1.44269502f), magic);
        TVector n = TSimd.Subtract(shifted, magic);
        TVector r = TSimd.MultiplyAdd(n, TSimd.Broadcast(-0.693147182464599609375f), x);
        r = TSimd.MultiplyAdd(n, TSimd.Broadcast(1.904654323148236e-09f), r);
        TVector p = TSimd.Broadcast(0.0013926175888627768f);
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.008363173343241215f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.041666556149721146f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.16666577756404877f));
        p = TSimd.MultiplyAdd(p, r, TSimd.Broadcast(0.5f));
        TVector one = TSimd.Broadcast(1f);
        p = TSimd.MultiplyAdd(p, r, one);
        p = TSimd.MultiplyAdd(p, r, one);
        return TSimd.Multiply(p, TSimd.LowBitsToExponent(shifted));
    }

    /// <summary>1 / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Sigmoid(TVector x)
    {
        TVector one = TSimd.Broadcast(1f);
        return TSimd.Divide(one, TSimd.Add(one, Exp(TSimd.Subtract(TSimd.Zero, x))));
    }

    /// <summary>The sum of a[i] * b[i], in an order that depends only on <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(float* a, float* b, int count)
    {
        int width = TSimd.Width, i = 0;
        TVector s0 = TSimd.Zero, s1 = TSimd.Zero, s2 = TSimd.Zero, s3 = TSimd.Zero;
        for (; i <= count - 4 * width; i += 4 * width)
        {
            s0 = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), s0);
            s1 = TSimd.MultiplyAdd(TSimd.Load(a + i + width), TSimd.Load(b + i + width), s1);
            s2 = TSimd.MultiplyAdd(TSimd.Load(a + i + 2 * width), TSimd.Load(b + i + 2 * width), s2);
            s3 = TSimd.MultiplyAdd(TSimd.Load(a + i + 3 * width), TSimd.Load(b + i + 3 * width), s3);
        }

        for (; i <= count - width; i += width) s0 = TSimd.MultiplyAdd(TSimd.Load(a + i), TSimd.Load(b + i), s0);
        if (i < count) s1 = TSimd.MultiplyAdd(TSimd.LoadPart(a + i, count - i), TSimd.LoadPart(b + i, count - i), s1);
        return TSimd.Sum(TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3)));
    }

    /// <summary>The greatest of <paramref name="count"/> numbers; any of them where one is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Maximum(float* x, int count)
    {
        int width = TSimd.Width, i = 0;
        float maximum = float.NegativeInfinity;
        if (count >= width)
        {
            TVector m0 = TSimd.Broadcast(float.NegativeInfinity), m1 = m0;
            for (; i <= count - 2 * width; i += 2 * width)
            {
                m0 = TSimd.Max(m0, TSimd.Load(x + i));
                m1 = TSimd.Max(m1, TSimd.Load(x + i + width));
            }

            if (i <= count - width)
            {
                m0 = TSimd.Max(m0, TSimd.Load(x + i));
                i += width;
            }

            maximum = TSimd.MaxLane(TSimd.Max(m0, m1));
        }

        for (; i < count; i++) maximum = Math.Max(maximum, x[i]);
        return maximum;
    }

    /// <summary>target[i] = e^(x[i] - shift) when <paramref name="store"/>; returns their sum, in an order that depends only on <paramref name="count"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float SumOfExponentials(float* x, float* target, float shift, int count, bool store)
    {
        int width = TSimd.Width, i = 0;
        TVector shifts = TSimd.Broadcast(shift), s0 = TSimd.Zero, s1 = TSimd.Zero;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            TVector e0 = Exp(TSimd.Subtract(TSimd.Load(x + i), shifts)), e1 = Exp(TSimd.Subtract(TSimd.Load(x + i + width), shifts));
            s0 = TSimd.Add(s0, e0);
            s1 = TSimd.Add(s1, e1);
            if (!store) continue;
            TSimd.Store(target + i, e0);
            TSimd.Store(target + i + width, e1);
        }

        if (i <= count - width)
        {
            TVector e0 = Exp(TSimd.Subtract(TSimd.Load(x + i), shifts));
            s0 = TSimd.Add(s0, e0);
            if (store) TSimd.Store(target + i, e0);
            i += width;
        }

        float sum = TSimd.Sum(TSimd.Add(s0, s1));
        for (; i < count; i++)
        {
            float e = VectorMath<float, Simd32>.Exp(x[i] - shift);
            sum += e;
            if (store) target[i] = e;
        }

        return sum;
    }

    /// <summary>y[i] = e^((x[i] - shift) scale).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Exponentials(float* x, float* y, float shift, float scale, int count)
    {
        int i = 0;
        TVector shifts = TSimd.Broadcast(shift), scales = TSimd.Broadcast(scale);
        for (; i <= count - TSimd.Width; i += TSimd.Width) TSimd.Store(y + i, Exp(TSimd.Multiply(TSimd.Subtract(TSimd.Load(x + i), shifts), scales)));
        for (; i < count; i++) y[i] = VectorMath<float, Simd32>.Exp((x[i] - shift) * scale);
    }

    /// <summary>The sum of e^d d with d = x[i] - shift, no less than -88.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float WeightedSumOfExponentials(float* x, float shift, int count)
    {
        int i = 0;
        TVector shifts = TSimd.Broadcast(shift), floor = TSimd.Broadcast(-88f), sums = TSimd.Zero;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TVector difference = TSimd.Max(floor, TSimd.Subtract(TSimd.Load(x + i), shifts));
            sums = TSimd.MultiplyAdd(Exp(difference), difference, sums);
        }

        float sum = TSimd.Sum(sums);
        for (; i < count; i++)
        {
            float difference = MathF.Max(-88f, x[i] - shift);
            sum += VectorMath<float, Simd32>.Exp(difference) * difference;
        }

        return sum;
    }

    /// <summary>The sum of e^(a[i] - maximum) (a[i] - b[i] + shift).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float ExpectedDifference(float* a, float* b, float maximum, float shift, int count)
    {
        int i = 0;
        TVector maxima = TSimd.Broadcast(maximum), shifts = TSimd.Broadcast(shift), sums = TSimd.Zero;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TVector value = TSimd.Load(a + i);
            sums = TSimd.MultiplyAdd(Exp(TSimd.Subtract(value, maxima)), TSimd.Add(TSimd.Subtract(value, TSimd.Load(b + i)), shifts), sums);
        }

        float sum = TSimd.Sum(sums);
        return i < count ? sum + VectorMath<float, Simd32>.ExpectedDifference(a + i, b + i, maximum, shift, count - i) : sum;
    }

    /// <summary>x[i] = e^(x[i] - maximumX) (own + slope (x[i] - y[i])) - other e^(y[i] - maximumY).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MixExponentials(float* x, float* y, float maximumX, float maximumY, float own, float slope, float other, int count)
    {
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width)
        {
            TVector a = TSimd.Load(x + i), b = TSimd.Load(y + i);
            TVector factor = TSimd.MultiplyAdd(TSimd.Subtract(a, b), TSimd.Broadcast(slope), TSimd.Broadcast(own));
            TVector taken = TSimd.Multiply(Exp(TSimd.Subtract(b, TSimd.Broadcast(maximumY))), TSimd.Broadcast(-other));
            TSimd.Store(x + i, TSimd.MultiplyAdd(Exp(TSimd.Subtract(a, TSimd.Broadcast(maximumX))), factor, taken));
        }

        if (i < count) VectorMath<float, Simd32>.MixExponentials(x + i, y + i, maximumX, maximumY, own, slope, other, count - i);
    }

    /// <summary>y = factor x; y may be x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(float* x, float* y, float factor, int count)
    {
        int i = 0;
        TVector factors = TSimd.Broadcast(factor);
        for (; i <= count - TSimd.Width; i += TSimd.Width) TSimd.Store(y + i, TSimd.Multiply(TSimd.Load(x + i), factors));
        for (; i < count; i++) y[i] = x[i] * factor;
    }

    /// <summary>y = x, for a few vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* x, float* y, int count)
    {
        int i = 0;
        for (; i <= count - TSimd.Width; i += TSimd.Width) TSimd.Store(y + i, TSimd.Load(x + i));
        for (; i < count; i++) y[i] = x[i];
    }
}
