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

    private const int HighBits = 128, Scales = 192, Scale = 208;

    public static void Expand(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; destination.Length > 0; source = source[Bytes..], destination = destination[Elements..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(source[Scale..]);
            ReadOnlySpan<sbyte> scales = MemoryMarshal.Cast<byte, sbyte>(source[Scales..Scale]);

            // In each half of the block a byte of the low bits serves numbers 64 apart, a byte of the high bits four numbers 32 apart.
            for (int half = 0; half < 2; half++)
            {
                for (int i = 0; i < 128; i++)
                {
                    int low = source[(64 * half) + (i % 64)] >> (i < 64 ? 0 : 4), high = source[HighBits + (32 * half) + (i % 32)] >> (2 * (i / 32));
                    int number = ((low & 15) | ((high & 3) << 4)) - 32;
                    destination[(128 * half) + i] = scale * scales[(8 * half) + (i / 16)] * number;
                }
            }
        }
    }
}
