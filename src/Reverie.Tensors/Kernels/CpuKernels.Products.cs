using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <inheritdoc/>
    public void MatMul(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        if (!transposeA && transposeB && b.Packed is PackedMatrix packed)
            Gemm.MultiplyPacked(_pool, c.Rows, a.Pointer, a.Columns, packed, c.Pointer, c.Columns, accumulate);
        else
            Gemm.Multiply(_pool, transposeA, transposeB, c.Rows, c.Columns, transposeA ? a.Rows : a.Columns, a.Pointer, a.Columns, b.Pointer, b.Columns, c.Pointer, c.Columns, accumulate);
    }

    /// <inheritdoc/>
    public void Prepack(Tensor weight)
    {
        if (weight.Packed is not PackedMatrix packed) weight.Packed = packed = new PackedMatrix(weight.Rows, weight.Columns);
        packed.Repack(weight.Pointer);
    }

    /// <inheritdoc/>
    public void Unpack(Tensor weight)
    {
        weight.Packed?.Dispose();
        weight.Packed = null;
    }
}
