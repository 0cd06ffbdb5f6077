using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>What the kernels beside the matrix product need of a vector.</summary>
internal unsafe partial interface ISimd<TVector> where TVector : unmanaged
{
    static abstract TVector Zero { get; }

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    static abstract TVector Divide(TVector a, TVector b);

    static abstract TVector Sqrt(TVector a);

    /// <summary>The greater lane by lane; <paramref name="b"/> where either is not a number.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>The lesser lane by lane; <paramref name="b"/> where either is not a number.</summary>
    static abstract TVector Min(TVector a, TVector b);

    /// <summary>The bits of each lane moved 23 places up, so that a small integer in the lowest bits becomes an exponent.</summary>
    static abstract TVector LowBitsToExponent(TVector a);

    /// <summary>The sum of the lanes, in one fixed order.</summary>
    static abstract float Sum(TVector a);

    /// <summary>The greatest of the lanes, none of which is NaN.</summary>
    static abstract float MaxLane(TVector a);

    /// <summary>The first <paramref name="count"/> lanes from memory, zero in the others; reads nothing beyond them.</summary>
    static abstract TVector LoadPart(float* source, int count);

    /// <summary>Stores the first <paramref name="count"/> lanes.</summary>
    static abstract void StorePart(float* target, TVector value, int count);
}

internal readonly unsafe partial struct Simd512
{
    public static Vector512<float> Zero => Vector512<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Subtract(Vector512<float> a, Vector512<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Multiply(Vector512<float> a, Vector512<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Divide(Vector512<float> a, Vector512<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Sqrt(Vector512<float> a) => Vector512.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Max(Vector512<float> a, Vector512<float> b) => Vector512.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Min(Vector512<float> a, Vector512<float> b) => Vector512.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> LowBitsToExponent(Vector512<float> a) => (a.AsInt32() << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector512<float> a) => Vector512.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector512<float> a) => Simd256.MaxLane(Vector256.MaxNative(a.GetLower(), a.GetUpper()));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector512<float> LoadPart(float* source, int count)
    {
        float* lanes = stackalloc float[16];
        Zero.Store(lanes);
        for (int i = 0; i < count; i++) lanes[i] = source[i];
        return Vector512.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePart(float* target, Vector512<float> value, int count)
    {
        float* lanes = stackalloc float[16];
        value.Store(lanes);
        for (int i = 0; i < count; i++) target[i] = lanes[i];
    }
}

internal readonly unsafe partial struct Simd256
{
    public static Vector256<float> Zero => Vector256<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Subtract(Vector256<float> a, Vector256<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Multiply(Vector256<float> a, Vector256<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Divide(Vector256<float> a, Vector256<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Sqrt(Vector256<float> a) => Vector256.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Max(Vector256<float> a, Vector256<float> b) => Vector256.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Min(Vector256<float> a, Vector256<float> b) => Vector256.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> LowBitsToExponent(Vector256<float> a) => (a.AsInt32() << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector256<float> a) => Vector256.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector256<float> a) => Simd128.MaxLane(Vector128.MaxNative(a.GetLower(), a.GetUpper()));

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector256<float> LoadPart(float* source, int count)
    {
        float* lanes = stackalloc float[8];
        Zero.Store(lanes);
        for (int i = 0; i < count; i++) lanes[i] = source[i];
        return Vector256.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePart(float* target, Vector256<float> value, int count)
    {
        float* lanes = stackalloc float[8];
        value.Store(lanes);
        for (int i = 0; i < count; i++) target[i] = lanes[i];
    }
}

internal readonly unsafe partial struct Simd128
{
    public static Vector128<float> Zero => Vector128<float>.Zero;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Add(Vector128<float> a, Vector128<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Subtract(Vector128<float> a, Vector128<float> b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Multiply(Vector128<float> a, Vector128<float> b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Divide(Vector128<float> a, Vector128<float> b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Sqrt(Vector128<float> a) => Vector128.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Max(Vector128<float> a, Vector128<float> b) => Vector128.MaxNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Min(Vector128<float> a, Vector128<float> b) => Vector128.MinNative(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> LowBitsToExponent(Vector128<float> a) => (a.AsInt32() << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(Vector128<float> a) => Vector128.Sum(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(Vector128<float> a)
    {
        a = Vector128.MaxNative(a, Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(a, Vector128.Shuffle(a, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector128<float> LoadPart(float* source, int count)
    {
        float* lanes = stackalloc float[4];
        Zero.Store(lanes);
        for (int i = 0; i < count; i++) lanes[i] = source[i];
        return Vector128.Load(lanes);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void StorePart(float* target, Vector128<float> value, int count)
    {
        float* lanes = stackalloc float[4];
        value.Store(lanes);
        for (int i = 0; i < count; i++) target[i] = lanes[i];
    }
}

internal readonly unsafe partial struct Simd32
{
    public static float Zero => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Divide(float a, float b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sqrt(float a) => MathF.Sqrt(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => a > b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Min(float a, float b) => a < b ? a : b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LowBitsToExponent(float a) => BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(a) << 23);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Sum(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxLane(float a) => a;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadPart(float* source, int count) => count > 0 ? *source : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StorePart(float* target, float value, int count)
    {
        if (count > 0) *target = value;
    }
}
