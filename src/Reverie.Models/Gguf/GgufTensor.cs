using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>One tensor of a GGUF file.</summary>
/// <param name="Name">Its name, unique in the file, e.g. <c>blk.0.attn_q.weight</c>.</param>
/// <param name="Type">How its numbers are kept.</param>
/// <param name="Rows">Rows; 1 for a vector.</param>
/// <param name="Columns">Numbers in a row.</param>
/// <param name="Rank">Number of dimensions.</param>
/// <param name="Offset">Its first byte in the file.</param>
public sealed record GgufTensor(string Name, WeightType Type, int Rows, int Columns, int Rank, long Offset)
{
    private static readonly (WeightType Type, uint Number)[] _types =
    [
        (WeightType.F32, 0), (WeightType.F16, 1), (WeightType.Q8_0, 8), (WeightType.Q4_K, 12), (WeightType.Q6_K, 14), (WeightType.BF16, 30),
    ];

    // The numbers 4, 5 and 31 to 33 are retired.
    private static readonly string[] _names =
    [
        "F32", "F16", "Q4_0", "Q4_1", "", "", "Q5_0", "Q5_1", "Q8_0", "Q8_1", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "Q8_K", "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S",
        "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS", "I8", "I16", "I32", "I64", "F64", "IQ1_M", "BF16", "", "", "", "TQ1_0", "TQ2_0", "", "", "", "MXFP4",
    ];

    /// <summary>Bytes of all rows.</summary>
    public long Bytes => Rows * WeightFormat.Bytes(Type, Columns);

    /// <summary>The type with ggml's number; null for one that is not read here.</summary>
    internal static WeightType? TypeOf(uint number)
    {
        foreach ((WeightType type, uint its) in _types)
            if (its == number) return type;
        return null;
    }

    /// <summary>ggml's number of a type.</summary>
    internal static uint NumberOf(WeightType type) => _types.First(t => t.Type == type).Number;

    /// <summary>The name that ggml gives the number.</summary>
    internal static string NameOf(uint number) => number < _names.Length && _names[number].Length > 0 ? _names[number] : $"{number}, which is unknown";
}
