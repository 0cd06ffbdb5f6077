using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>
/// Q4_K: 256 numbers as eight parts of 32; a number is (d s) q - (e m) with the block's half-precision d and e, its part's 6-bit s and m, and q
/// from 0 to 15 (ggml's <c>block_q4_K</c>).
/// </summary>
internal static class Q4Blocks
{
    /// <summary>Numbers in a block.</summary>
    public const int Elements = 256;

    /// <summary>Bytes in a block: d, e, the s and m of all parts, the numbers.</summary>
    public const int Bytes = 144;

    private const int Parts = 8, PartElements = 32, Scales = 4, Numbers = 16, Largest = 15, LargestScale = 63, Steps = 20;

    public static void Expand(ReadOnlySpan<byte> source, Span<float> destination)
    {
        for (; destination.Length > 0; source = source[Bytes..], destination = destination[Elements..])
        {
            for (int part = 0; part < Parts; part++)
            {
                (float scale, float minimum) = ScaleOf(source, part);
                for (int i = part * PartElements; i < (part + 1) * PartElements; i++)
                {
                    // Two roundings, as everybody expands it: not a fused multiply-add.
                    float product = scale * NumberAt(source, i);
                    destination[i] = product - minimum;
                }
            }
        }
    }

    /// <summary>d s and e m of a part of 32.</summary>
    public static (float Scale, float Minimum) ScaleOf(ReadOnlySpan<byte> block, int part)
    {
        (int s, int m) = ReadScales(block[Scales..Numbers], part);
        return ((float)MemoryMarshal.Read<Half>(block) * s, (float)MemoryMarshal.Read<Half>(block[2..]) * m);
    }

    /// <summary>q of number <paramref name="i"/> of the block.</summary>
    public static int NumberAt(ReadOnlySpan<byte> block, int i) => (block[Numbers + (i / 64 * PartElements) + (i % PartElements)] >> (i / PartElements % 2 * 4)) & 15;

    /// <summary>
    /// Chooses scale and minimum of every part by weighted least squares over several grids, as ggml does: large numbers weigh more, since
    /// they matter more in a product.
    /// </summary>
    public static void Encode(ReadOnlySpan<float> source, Span<byte> destination)
    {
        Span<float> scales = stackalloc float[Parts], minima = stackalloc float[Parts];
        for (; source.Length > 0; source = source[Elements..], destination = destination[Bytes..])
        {
            for (int part = 0; part < Parts; part++) (scales[part], minima[part]) = Fit(source.Slice(part * PartElements, PartElements));
            (Half d, Half e) = (Unit(scales), Unit(minima));
            MemoryMarshal.Write(destination, d);
            MemoryMarshal.Write(destination[2..], e);
            destination[Scales..Bytes].Clear();
            for (int part = 0; part < Parts; part++)
            {
                int s = Rounded(scales[part], (float)d, LargestScale), m = Rounded(minima[part], (float)e, LargestScale);
                WriteScales(destination[Scales..Numbers], part, s, m);
                float scale = (float)d * s, minimum = (float)e * m;
                ReadOnlySpan<float> values = source.Slice(part * PartElements, PartElements);
                Span<byte> numbers = destination.Slice(Numbers + (part / 2 * PartElements), PartElements);
                int shift = part % 2 * 4;
                for (int i = 0; i < PartElements; i++) numbers[i] |= (byte)(Rounded(values[i] + minimum, scale, Largest) << shift);
            }
        }
    }

    /// <summary>The scale and the minimum (as a number that is subtracted, 0 or more) that suit 32 numbers best.</summary>
    private static (float Scale, float Minimum) Fit(ReadOnlySpan<float> values)
    {
        float squares = 0, least = 0, greatest = float.MinValue;
        foreach (float value in values)
        {
            squares += value * value;
            least = MathF.Min(least, value);
            greatest = MathF.Max(greatest, value);
        }

        if (greatest <= least) return (0, -least);
        Span<float> weights = stackalloc float[PartElements];
        float mean = MathF.Sqrt(squares / PartElements), range = greatest - least;
        for (int i = 0; i < PartElements; i++) weights[i] = mean + MathF.Abs(values[i]);

        (float scale, float minimum) = (range / Largest, -least);
        float best = Error(values, weights, scale, minimum);
        for (int step = 0; step <= Steps; step++)
        {
            // Grids a little coarser and finer than from the least to the greatest number; then the line that fits their numbers best.
            float inverse = (Largest - 1f + (0.1f * step)) / range;
            (float s, float m) = Line(values, weights, inverse, least);
            if (!(s > 0)) continue;
            float error = Error(values, weights, s, m);
            if (error < best) (best, scale, minimum) = (error, s, m);
        }

        return (scale, minimum);
    }

    /// <summary>The weighted least-squares line value = s q - m through the numbers q of a grid; m is not below 0.</summary>
    private static (float Scale, float Minimum) Line(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float inverse, float least)
    {
        float w = 0, wq = 0, wqq = 0, wx = 0, wqx = 0;
        for (int i = 0; i < PartElements; i++)
        {
            float number = Math.Clamp(MathF.Round(inverse * (values[i] - least)), 0, Largest), weighted = weights[i] * number;
            w += weights[i];
            wq += weighted;
            wqq += weighted * number;
            wx += weights[i] * values[i];
            wqx += weighted * values[i];
        }

        float determinant = (w * wqq) - (wq * wq), minimum = determinant > 0 ? ((wq * wqx) - (wqq * wx)) / determinant : -1;
        return minimum >= 0 ? (((w * wqx) - (wq * wx)) / determinant, minimum) : (wqq > 0 ? wqx / wqq : 0, 0);
    }

    private static float Error(ReadOnlySpan<float> values, ReadOnlySpan<float> weights, float scale, float minimum)
    {
        float error = 0, inverse = 1 / scale;
        for (int i = 0; i < PartElements; i++)
        {
            float number = Math.Clamp(MathF.Round((values[i] + minimum) * inverse), 0, Largest), off = (scale * number) - minimum - values[i];
            error += weights[i] * off * off;
        }

        return error;
    }

    /// <summary>What a 6-bit number counts when the largest of all is 63.</summary>
    private static Half Unit(ReadOnlySpan<float> values)
    {
        float largest = 0;
        foreach (float value in values) largest = MathF.Max(largest, value);
        return WeightFormat.ToHalf(largest / LargestScale);
    }

    private static int Rounded(float value, float unit, int largest) => unit > 0 ? (int)Math.Clamp(MathF.Round(value / unit), 0, largest) : 0;

    /// <summary>Of the first four parts the six bits stand in bytes of their own; those of the others in four bits and the upper two of these bytes.</summary>
    private static (int Scale, int Minimum) ReadScales(ReadOnlySpan<byte> packed, int part) => part < 4
        ? (packed[part] & 63, packed[part + 4] & 63)
        : ((packed[part + 4] & 15) | (packed[part - 4] >> 6 << 4), (packed[part + 4] >> 4) | (packed[part] >> 6 << 4));

    private static void WriteScales(Span<byte> packed, int part, int scale, int minimum)
    {
        if (part < 4)
        {
            packed[part] |= (byte)scale;
            packed[part + 4] |= (byte)minimum;
            return;
        }

        packed[part + 4] |= (byte)((scale & 15) | ((minimum & 15) << 4));
        packed[part - 4] |= (byte)(scale >> 4 << 6);
        packed[part] |= (byte)(minimum >> 4 << 6);
    }
}
