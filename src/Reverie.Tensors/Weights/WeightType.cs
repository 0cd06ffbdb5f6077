namespace Reverie.Tensors;

/// <summary>How a file keeps the numbers of a weight. The names are those of GGUF (ggml's <c>ggml_type</c>).</summary>
public enum WeightType
{
    /// <summary>float32.</summary>
    F32,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>The upper half of a float32.</summary>
    BF16,

    /// <summary>Blocks of 32: a half-precision scale and 32 signed bytes; 8.5 bits a number.</summary>
    Q8_0,

    /// <summary>Blocks of 256 in eight parts of 32: 4 bits a number, 6-bit scales and minima of the parts; 4.5 bits a number.</summary>
    Q4_K,

    /// <summary>Blocks of 256 in sixteen parts of 16: 6 bits a number, signed byte scales of the parts; 6.6 bits a number. Read only.</summary>
    Q6_K,
}
