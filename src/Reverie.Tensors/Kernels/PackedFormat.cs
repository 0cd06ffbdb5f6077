namespace Reverie.Tensors.Kernels;

/// <summary>How the numbers of a <see cref="PackedMatrix"/> are kept.</summary>
internal enum PackedFormat
{
    /// <summary>float32.</summary>
    F32,

    /// <summary>Half precision.</summary>
    F16,

    /// <summary>The upper halves of floats.</summary>
    BF16,

    /// <summary>For each 32 numbers of a column a half-precision scale and signed bytes: first the scales of the panel's columns, then the numbers.</summary>
    Q8,

    /// <summary>For each 32 numbers of a column a float32 scale and minimum, and 16 bytes: number i in the low bits of byte i, number 16 + i in the high ones.</summary>
    Q4,

    /// <summary>For each 32 numbers of a column two float32 scales, of its halves, and signed bytes.</summary>
    Q6,
}
