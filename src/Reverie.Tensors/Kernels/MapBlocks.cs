using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

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
