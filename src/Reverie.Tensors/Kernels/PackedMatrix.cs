using System.Runtime.Intrinsics;

namespace Reverie.Tensors.Kernels;

/// <summary>A weight (N, K) in the order in which the matrix product reads it: (panels of N, K, columns of a panel). Packed once, used for every decoded token.</summary>
internal sealed unsafe class PackedMatrix : IDisposable
{
    /// <summary>K is a whole number of these in every format but <see cref="PackedFormat.F32"/> and those of 16 bits.</summary>
    public const int Block = 32;

    private readonly NativeBuffer _buffer = new();

    /// <summary>Room for a weight of <paramref name="n"/> rows by <paramref name="k"/> columns; pack it before use.</summary>
    public PackedMatrix(int n, int k, PackedFormat format = PackedFormat.F32) : this(n, k, SimdSupport.Best, format) { }

    internal PackedMatrix(int n, int k, SimdPath path, PackedFormat format = PackedFormat.F32)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(n);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        (N, K, Path, Format) = (n, k, path, format);
        Columns = path switch
        {
            SimdPath.Vector512 => GemmTile<Vector512<float>, Simd512>.Columns,
            SimdPath.Vector256 => GemmTile<Vector256<float>, Simd256>.Columns,
            SimdPath.Vector128 => GemmTile<Vector128<float>, Simd128>.Columns,
            _ => GemmTile<float, Simd32>.Columns,
        };
        Data = _buffer.Take(Math.Max(1, (Panels * PanelBytes + sizeof(float) - 1) / sizeof(float)));
    }

    /// <summary>Outputs: rows of the weight.</summary>
    public int N { get; }

    /// <summary>Inputs: columns of the weight.</summary>
    public int K { get; }

    /// <summary>Panels of <see cref="Columns"/> outputs; the last is filled up with zeros.</summary>
    public int Panels => (N + Columns - 1) / Columns;

    /// <summary>Outputs in a panel.</summary>
    public int Columns { get; }

    /// <summary>How the numbers are kept.</summary>
    public PackedFormat Format { get; }

    /// <summary>Bytes from one panel to the next.</summary>
    public nint PanelBytes => Offset(Format, K, Columns);

    /// <summary>The vector width that the panels are made for.</summary>
    internal SimdPath Path { get; }

    /// <summary>(Panels, K, Columns), in the format.</summary>
    internal float* Data { get; private set; }

    /// <summary>Bytes in a panel of <paramref name="columns"/> before row <paramref name="k"/>, which begins a block.</summary>
    public static nint Offset(PackedFormat format, int k, int columns) => format switch
    {
        PackedFormat.F32 => (nint)k * columns * sizeof(float),
        PackedFormat.Q8 => (nint)k / Block * columns * Q8Blocks.Bytes,
        PackedFormat.Q4 => (nint)k / Block * columns * (2 * sizeof(float) + Block / 2),
        PackedFormat.Q6 => (nint)k / Block * columns * (2 * sizeof(float) + Block),
        _ => (nint)k * columns * sizeof(ushort),
    };

    /// <summary>Where a panel begins.</summary>
    public byte* Panel(int panel) => (byte*)Data + panel * PanelBytes;

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
