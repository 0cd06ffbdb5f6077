namespace Reverie.Models;

/// <summary>What becomes of a model's matrices when it is loaded; gains are always float32.</summary>
public enum WeightPrecision
{
    /// <summary>float32 in memory: the only one that can be trained itself.</summary>
    Float32,

    /// <summary>As the file has them, and in the file: nothing is read before it is needed. For inference, and for training an adapter.</summary>
    AsStored,

    /// <summary>Those that the file has as float32 become BF16.</summary>
    BFloat16,

    /// <summary>Those that the file has in 16 bits or more become Q8_0.</summary>
    Q8_0,
}
