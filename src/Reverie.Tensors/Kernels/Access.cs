using System.Runtime.CompilerServices;

namespace Reverie.Tensors.Kernels;

/// <summary>How an elementwise kernel touches memory: whole vectors in the middle, the first few lanes at the end. It is written once for both.</summary>
internal unsafe interface IAccess
{
    static abstract TVector Load<TVector, TSimd>(float* source, int count) where TVector : unmanaged where TSimd : ISimd<TVector>;

    static abstract void Store<TVector, TSimd>(float* target, TVector value, int count) where TVector : unmanaged where TSimd : ISimd<TVector>;
}

/// <summary>All lanes; the count is not looked at.</summary>
internal readonly unsafe struct Whole : IAccess
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TSimd>(float* source, int count) where TVector : unmanaged where TSimd : ISimd<TVector> => TSimd.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector, TSimd>(float* target, TVector value, int count) where TVector : unmanaged where TSimd : ISimd<TVector> => TSimd.Store(target, value);
}

/// <summary>The first <c>count</c> lanes.</summary>
internal readonly unsafe struct Part : IAccess
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Load<TVector, TSimd>(float* source, int count) where TVector : unmanaged where TSimd : ISimd<TVector> => TSimd.LoadPart(source, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector, TSimd>(float* target, TVector value, int count) where TVector : unmanaged where TSimd : ISimd<TVector> => TSimd.StorePart(target, value, count);
}
