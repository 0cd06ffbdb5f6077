namespace Reverie.Tensors.Kernels;

/// <summary>A kernel over pieces (rows, blocks) that is written once for all vector widths.</summary>
internal interface IVectorJob
{
    /// <summary>Does piece <paramref name="index"/>.</summary>
    void Execute<TVector, TSimd>(int index) where TVector : unmanaged where TSimd : ISimd<TVector>;
}
