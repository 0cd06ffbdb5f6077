using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>A weight (N, K) in the order in which the matrix product reads it: (panels of N, K, columns of a panel). Packed once, used for every decoded token.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    private readonly NativeBuffer _buffer = new();

    /// <summary>Room for a weight of <paramref name="n"/> rows by <paramref name="k"/> columns; call <see cref="Repack"/> before use.</summary>
    public PackedMatrix(int n, int k) : this(n, k, SimdSupport.Best) { }

    internal PackedMatrix(int n, int k, SimdPath path)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        N = n;
        K = k;
        Path = path;
        Columns = path switch
        {
            SimdPath.Vector512 => GemmTile<Vector512<float>, Simd512>.Columns,
            SimdPath.Vector256 => GemmTile<Vector256<float>, Simd256>.Columns,
            SimdPath.Vector128 => GemmTile<Vector128<float>, Simd128>.Columns,
            _ => GemmTile<float, Simd32>.Columns,
        };
        Data = _buffer.Take(Math.Max(1, (nint)Panels * k * Columns));
    }

    /// <summary>Outputs: rows of the weight.</summary>
    public int N { get; }

    /// <summary>Inputs: columns of the weight.</summary>
    public int K { get; }

    /// <summary>Panels of <see cref="Columns"/> outputs; the last is filled up with zeros.</summary>
    public int Panels => (N + Columns - 1) / Columns;

    /// <summary>Outputs in a panel.</summary>
    public int Columns { get; }

    /// <summary>The vector width that the panels are made for.</summary>
    internal SimdPath Path { get; }

    /// <summary>(Panels, K, Columns).</summary>
    internal float* Data { get; private set; }

    /// <summary>Takes over the values of <paramref name="weight"/> (N, K), whose rows lie <paramref name="stride"/> floats apart (K when not given).</summary>
    public void Repack(float* weight, int stride = 0)
    {
        ObjectDisposedException.ThrowIf(Data == null, this);
        var operand = new GemmOperand(weight, stride == 0 ? K : stride, 1);
        for (int panel = 0; panel < Panels; panel++)
        {
            int first = panel * Columns;
            operand.Pack(first, Math.Min(Columns, N - first), 0, K, Data + (nint)panel * K * Columns, Columns);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Data = null;
        _buffer.Dispose();
    }
}
