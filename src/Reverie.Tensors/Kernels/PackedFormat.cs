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
}
