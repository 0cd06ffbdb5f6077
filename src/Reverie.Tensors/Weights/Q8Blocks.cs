using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>Q8_0: 32 numbers as a half-precision scale and signed bytes; a number is its byte times the scale (ggml's <c>block_q8_0</c>).</summary>
internal static class Q8Blocks
{
    /// <summary>Numbers in a block.</summary>
    public const int Elements = 32;

    /// <summary>Bytes in a block: the scale, then the numbers.</summary>
    public const int Bytes = 34;

    public static void Expand(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; destination.Length > 0; source = source[Bytes..], destination = destination[Elements..])
        {
            float scale = (float)MemoryMarshal.Read<Half>(source);
            ReadOnlySpan<sbyte> numbers = MemoryMarshal.Cast<byte, sbyte>(source[2..Bytes]);
            for (int i = 0; i < Elements; i++) destination[i] = numbers[i] * scale;
        }
    }

    public static void Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        for (; source.Length > 0; source = source[Elements..], destination = destination[Bytes..])
        {
            float largest = 0;
            foreach (float value in source[..Elements]) largest = MathF.Max(largest, MathF.Abs(value));

            // The numbers are divided by the unrounded scale, as ggml does, so that both make the same bytes.
            float scale = largest / 127, inverse = scale == 0 ? 0 : 1 / scale;
            MemoryMarshal.Write(destination, WeightFormat.ToHalf(scale));
            Span<sbyte> numbers = MemoryMarshal.Cast<byte, sbyte>(destination[2..Bytes]);
            for (int i = 0; i < Elements; i++) numbers[i] = (sbyte)MathF.Round(source[i] * inverse, MidpointRounding.AwayFromZero);
        }
    }
}
