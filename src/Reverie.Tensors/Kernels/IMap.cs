using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>An elementwise kernel: what happens to the lanes that start at one index.</summary>
internal unsafe interface IMap
{
    /// <summary>Does the elements [at, at + count), at most one vector of them.</summary>
    void Apply<TVector, TSimd, TAccess>(long at, int count)
        where TVector : unmanaged
        where TSimd : ISimd<TVector>
        where TAccess : IAccess;
}

/// <summary>A kernel over pieces (rows, blocks) that is written once for all vector widths.</summary>
internal interface IVectorJob
{
    /// <summary>Does piece <paramref name="index"/>.</summary>
    void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>;
}

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

/// <summary>An elementwise kernel cut into blocks.</summary>
internal readonly struct MapBlocks<TMap>(TMap map, long length) : IVectorJob where TMap : unmanaged, IMap
{
    /// <summary>Elements of a block: worth waking a thread for, small beside its cache.</summary>
    public const int BlockElements = 16 << 10;

    private readonly TMap _map = map;
    private readonly long _length = length;

    public int Count => checked((int)((_length + BlockElements - 1) / BlockElements));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>
    {
        TMap map = _map;
        long at = (long)index * BlockElements, end = Math.Min(at + BlockElements, _length);
        for (; at <= end - TSimd.Width; at += TSimd.Width) map.Apply<TVector, TSimd, Whole>(at, TSimd.Width);
        if (at < end) map.Apply<TVector, TSimd, Part>(at, (int)(end - at));
    }
}
