using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>Narrow numbers of stored weights as floats, exactly.</summary>
internal unsafe partial interface ISimd<TVector> where TVector : unmanaged
{
    /// <summary>Signed bytes.</summary>
    static abstract TVector WidenBytes(sbyte* source);

    /// <summary>Brain floats: the upper halves of floats.</summary>
    static abstract TVector WidenBrain(ushort* source);

    /// <summary>Half-precision floats, finite; subnormal ones too.</summary>
    static abstract TVector WidenHalf(ushort* source);

    /// <summary>The low four bits of bytes, 0 to 15.</summary>
    static abstract TVector WidenLowBits(byte* source);

    /// <summary>The high four bits of bytes, 0 to 15.</summary>
    static abstract TVector WidenHighBits(byte* source);
}

/// <summary>What all widths share.</summary>
internal static class HalfBits
{
    public const int Sign = 0x8000, Magnitude = 0x7FFF;

    /// <summary>From the exponent's offset in a half to that in a float, as a factor on the bits moved into place: 2^112.</summary>
    public const float Rebase = 5.192296858534828e33f;
}

internal readonly unsafe partial struct Simd512
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenBytes(sbyte* source) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenBrain(ushort* source) => (Avx512F.ConvertToVector512Int32(Vector256.Load(source)) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenHalf(ushort* source)
    {
        Vector512<int> bits = Avx512F.ConvertToVector512Int32(Vector256.Load(source));
        Vector512<float> magnitude = ((bits & Vector512.Create(HalfBits.Magnitude)) << 13).AsSingle() * HalfBits.Rebase;
        return magnitude | ((bits & Vector512.Create(HalfBits.Sign)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenLowBits(byte* source) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source)) & Vector512.Create(15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> WidenHighBits(byte* source) => Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(source)) >> 4);
}

internal readonly unsafe partial struct Simd256
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenBytes(sbyte* source) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenBrain(ushort* source) => (Avx2.ConvertToVector256Int32(source) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenHalf(ushort* source)
    {
        Vector256<int> bits = Avx2.ConvertToVector256Int32(source);
        Vector256<float> magnitude = ((bits & Vector256.Create(HalfBits.Magnitude)) << 13).AsSingle() * HalfBits.Rebase;
        return magnitude | ((bits & Vector256.Create(HalfBits.Sign)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenLowBits(byte* source) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source) & Vector256.Create(15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> WidenHighBits(byte* source) => Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(source) >> 4);
}

internal readonly unsafe partial struct Simd128
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenBytes(sbyte* source) =>
        Vector128.ConvertToSingle(Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)source).AsSByte())));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenBrain(ushort* source) => (Integers(source) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenHalf(ushort* source)
    {
        Vector128<int> bits = Integers(source);
        Vector128<float> magnitude = ((bits & Vector128.Create(HalfBits.Magnitude)) << 13).AsSingle() * HalfBits.Rebase;
        return magnitude | ((bits & Vector128.Create(HalfBits.Sign)) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Integers(ushort* source) => Vector128.WidenLower(Vector128.CreateScalar(*(long*)source).AsUInt16()).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenLowBits(byte* source) => Vector128.ConvertToSingle(Integers(source) & Vector128.Create(15));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> WidenHighBits(byte* source) => Vector128.ConvertToSingle(Integers(source) >> 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Integers(byte* source) => Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalar(*(int*)source).AsByte())).AsInt32();
}

internal readonly unsafe partial struct Simd32
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenBytes(sbyte* source) => *source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenBrain(ushort* source) => BitConverter.UInt32BitsToSingle((uint)*source << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenHalf(ushort* source) => (float)BitConverter.UInt16BitsToHalf(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenLowBits(byte* source) => *source & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float WidenHighBits(byte* source) => *source >> 4;
}
