using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>Copies a slab of a matrix into the order in which the tiles read it.</summary>
internal static unsafe class GemmPacking
{
    /// <summary>target[k * width + i] = source[k * stride + i] for i below <paramref name="count"/>, k below <paramref name="length"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy(float* source, nint stride, int count, nint length, float* target, int width)
    {
        if (count == 12)
        {
            for (nint k = 0; k < length; k++, source += stride, target += width)
            {
                Vector256.Load(source).Store(target);
                Vector128.Load(source + 8).Store(target + 8);
            }

            return;
        }

        for (nint k = 0; k < length; k++, source += stride, target += width)
        {
            int i = 0;
            for (; i <= count - 8; i += 8) Vector256.Load(source + i).Store(target + i);
            for (; i <= count - 4; i += 4) Vector128.Load(source + i).Store(target + i);
            for (; i < count; i++) target[i] = source[i];
        }
    }

    /// <summary>target[k * width + i] = source[i * stride + k] for i below <paramref name="count"/>, k below <paramref name="length"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transpose(float* source, nint stride, int count, nint length, float* target, int width)
    {
        int i = 0;
        for (; i <= count - 4; i += 4)
        {
            float* from0 = source + i * stride, from1 = from0 + stride, from2 = from1 + stride, from3 = from2 + stride;
            float* to = target + i;
            nint k = 0;
            for (; k <= length - 4; k += 4, to += 4 * (nint)width)
            {
                Vector128<float> a = Vector128.Load(from0 + k), b = Vector128.Load(from1 + k), c = Vector128.Load(from2 + k), d = Vector128.Load(from3 + k);
                Vector128<float> ac0 = InterleaveLow(a, c), ac1 = InterleaveHigh(a, c), bd0 = InterleaveLow(b, d), bd1 = InterleaveHigh(b, d);
                InterleaveLow(ac0, bd0).Store(to);
                InterleaveHigh(ac0, bd0).Store(to + width);
                InterleaveLow(ac1, bd1).Store(to + 2 * width);
                InterleaveHigh(ac1, bd1).Store(to + 3 * width);
            }

            for (; k < length; k++, to += width)
            {
                to[0] = from0[k];
                to[1] = from1[k];
                to[2] = from2[k];
                to[3] = from3[k];
            }
        }

        for (; i < count; i++)
            for (nint k = 0; k < length; k++) target[k * width + i] = source[i * stride + k];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> InterleaveLow(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b)
        : Vector128.Create(a[0], b[0], a[1], b[1]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> InterleaveHigh(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b)
        : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b)
        : Vector128.Create(a[2], b[2], a[3], b[3]);
}
