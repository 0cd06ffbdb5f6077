using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    /// <summary>Rows up to which the packed weight is used: it saves packing, which more rows would pay for anyway.</summary>
    private const int PackedRows = 128;

    /// <inheritdoc/>
    public void MatMul(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        if (!transposeA && transposeB && c.Rows <= PackedRows && b.Packed is PackedMatrix packed)
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
