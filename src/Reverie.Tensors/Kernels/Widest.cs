using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>Runs a <see cref="IVectorJob"/> at the widest vectors that the machine has.</summary>
internal readonly struct Widest<TJob>(TJob job) : IJob where TJob : unmanaged, IVectorJob
{
    private readonly TJob _job = job;

    public void Execute(int index)
    {
        if (Vector512.IsHardwareAccelerated) _job.Execute<Vector512<float>, Simd512>(index);
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported) _job.Execute<Vector256<float>, Simd256>(index);
        else if (Vector128.IsHardwareAccelerated && (Fma.IsSupported || AdvSimd.IsSupported)) _job.Execute<Vector128<float>, Simd128>(index);
        else _job.Execute<float, Simd32>(index);
    }
}
