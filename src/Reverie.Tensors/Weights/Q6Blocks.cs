using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>
/// Q6_K: 256 numbers as sixteen parts of 16; a number is (d s) q with the block's half-precision d, its part's signed byte s and q from -32 to
/// 31 (ggml's <c>block_q6_K</c>).
/// </summary>
internal static class Q6Blocks
{
    /// <summary>Numbers in a block.</summary>
    public const int Elements = 256;

    /// <summary>Bytes in a block: the low four bits of all, the high two of all, the scales, d.</summary>
    public const int Bytes = 210;

    private const int PartElements = 16, HighBits = 128, Scales = 192, Scale = 208;

    public static void Expand(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; destination.Length > 0; source = source[Bytes..], destination = destination[Elements..])
        {
            for (int i = 0; i < Elements; i++) destination[i] = ScaleOf(source, i / PartElements) * NumberAt(source, i);
        }
    }

    /// <summary>d s of a part of 16.</summary>
    public static float ScaleOf(ReadOnlySpan<byte> block, int part) => (float)MemoryMarshal.Read<Half>(block[Scale..]) * (sbyte)block[Scales + part];

    /// <summary>q of number <paramref name="i"/> of the block: in each half a byte of the low bits serves numbers 64 apart, a byte of the high bits four numbers 32 apart.</summary>
    public static int NumberAt(ReadOnlySpan<byte> block, int i)
    {
        int half = i / 128, at = i % 128;
        int low = block[(64 * half) + (at % 64)] >> (at < 64 ? 0 : 4), high = block[HighBits + (32 * half) + (at % 32)] >> (2 * (at / 32));
        return ((low & 15) | ((high & 3) << 4)) - 32;
    }
}
