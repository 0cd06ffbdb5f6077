using System.Runtime.InteropServices;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

public sealed unsafe partial class CpuKernels
{
    // Floats of a stored weight that are expanded at a time, where it is not packed.
    private const int ExpandedFloats = 1 << 20;

    private readonly NativeBuffer _expanded = new();

    /// <inheritdoc/>
    public void MatMul(Tensor a, bool transposeA, Tensor b, bool transposeB, Tensor c, bool accumulate)
    {
        if (!transposeA && transposeB && b.Packed is PackedMatrix packed)
            Gemm.MultiplyPacked(_pool, c.Rows, a.Pointer, a.Columns, packed, c.Pointer, c.Columns, accumulate);
        else if (!transposeA && transposeB && b.Packed is PackedWeight weight)
            weight.Multiply(_pool, c.Rows, a.Pointer, a.Columns, c.Pointer, c.Columns, accumulate);
        else if (b.Stored is { } stored)
            MultiplyStored(a, transposeA, stored, transposeB, c, accumulate);
        else
            Gemm.Multiply(_pool, transposeA, transposeB, c.Rows, c.Columns, transposeA ? a.Rows : a.Columns, a.Pointer, a.Columns, b.Pointer, b.Columns, c.Pointer, c.Columns, accumulate);
    }

    /// <inheritdoc/>
    public void Prepack(Tensor weight)
    {
        if (weight.Stored is { } stored)
        {
            weight.Packed ??= new PackedWeight(_pool, stored);
            return;
        }

        if (weight.Packed is not PackedMatrix packed) weight.Packed = packed = new PackedMatrix(weight.Rows, weight.Columns);
        packed.Repack(weight.Pointer);
    }

    /// <inheritdoc/>
    public void Unpack(Tensor weight)
    {
        weight.Packed?.Dispose();
        weight.Packed = null;
    }

    /// <summary>
    /// Expands some rows of the weight at a time. Each is either outputs of their own or the next links of every output's chain, so the
    /// bits are those of the whole weight.
    /// </summary>
    private void MultiplyStored(Tensor a, bool transposeA, StoredMatrix weight, bool transposeB, Tensor c, bool accumulate)
    {
        int most = Math.Clamp(ExpandedFloats / weight.Columns, 1, weight.Rows), m = c.Rows, lda = a.Columns;
        float* floats = _expanded.Take((nint)most * weight.Columns), left = a.Pointer, output = c.Pointer;
        for (int first = 0; first < weight.Rows; first += most)
        {
            int count = Math.Min(most, weight.Rows - first);
            Expand(weight, first, count, floats);
            if (transposeB) Gemm.Multiply(_pool, transposeA, true, m, count, weight.Columns, left, lda, floats, weight.Columns, output + first, c.Columns, accumulate);
            else Gemm.Multiply(_pool, transposeA, false, m, weight.Columns, count, left + (transposeA ? (nint)first * lda : first), lda, floats, weight.Columns, output, c.Columns, accumulate || first > 0);
        }
    }

    private void Expand(StoredMatrix weight, int first, int count, float* target)
    {
        var handle = GCHandle.Alloc(weight);
        try
        {
            int rows = RowsOfPiece(weight.Columns);
            Run(new RowExpansion(handle, first, count, rows, target), Pieces(count, rows));
        }
        finally
        {
            handle.Free();
        }
    }
}
