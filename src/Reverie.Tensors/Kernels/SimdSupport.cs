using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>What vectors this machine offers.</summary>
internal static class SimdSupport
{
    /// <summary>The widest path whose fused multiply-add is an instruction; scalar when none is.</summary>
    public static readonly SimdPath Best =
        Vector512.IsHardwareAccelerated ? SimdPath.Vector512
        : Vector256.IsHardwareAccelerated && Fma.IsSupported ? SimdPath.Vector256
        : Vector128.IsHardwareAccelerated && (Fma.IsSupported || AdvSimd.IsSupported) ? SimdPath.Vector128
        : SimdPath.Scalar;

    /// <summary>The best path and every narrower one: all of them run here.</summary>
    public static IEnumerable<SimdPath> Available => Enum.GetValues<SimdPath>().Where(path => path <= Best);
}
