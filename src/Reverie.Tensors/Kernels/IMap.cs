namespace Reverie.Tensors.Kernels;

/// <summary>An elementwise kernel: what happens to the lanes that start at one index.</summary>
internal interface IMap
{
    /// <summary>Does the elements [at, at + count), at most one vector of them.</summary>
    void Apply<TVector, TSimd, TAccess>(long at, int count)
        where TVector : unmanaged
        where TSimd : ISimd<TVector>
        where TAccess : IAccess;
}
