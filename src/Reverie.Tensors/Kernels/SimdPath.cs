namespace Reverie.Tensors.Kernels;

/// <summary>The vector widths for which the matrix product is built. All give the same bits.</summary>
internal enum SimdPath
{
    Scalar,
    Vector128,
    Vector256,
    Vector512,
}
