using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>Sizes of the weight types, and the way from their bytes to float32 and back. All are little-endian.</summary>
public static class WeightFormat
{
    /// <summary>Numbers in a block, which is the least that can be kept: rows are a whole number of blocks.</summary>
    public static int BlockElements(WeightType type) => type switch
    {
        WeightType.Q8_0 => 32,
        WeightType.Q4_K or WeightType.Q6_K => 256,
        _ => 1,
    };

    /// <summary>Bytes in a block.</summary>
    public static int BlockBytes(WeightType type) => type switch
    {
        WeightType.F32 => 4,
        WeightType.F16 or WeightType.BF16 => 2,
        WeightType.Q8_0 => Q8Blocks.Bytes,
        WeightType.Q4_K => Q4Blocks.Bytes,
        _ => Q6Blocks.Bytes,
    };

    /// <summary>Bytes of so many numbers, which are a whole number of blocks.</summary>
    /// <exception cref="OverflowException">More than 64 bits hold.</exception>
    public static long Bytes(WeightType type, long elements) => checked(elements / BlockElements(type) * BlockBytes(type));

    /// <summary>Widens to float32: exact for F32, F16 and BF16, and by the formula of the format, in float32, for the others.</summary>
    /// <param name="type">The type of <paramref name="source"/>.</param>
    /// <param name="source">Whole blocks.</param>
    /// <param name="destination">As many numbers as the blocks hold.</param>
    public static void Expand(WeightType type, ReadOnlySpan<byte> source, Span<float> destination)
    {
        if (source.Length != Bytes(type, destination.Length)) throw new ArgumentException($"{destination.Length} numbers of {type} take {Bytes(type, destination.Length)} bytes, not {source.Length}.", nameof(source));
        switch (type)
        {
            case WeightType.F32: source.CopyTo(MemoryMarshal.AsBytes(destination)); break;
            case WeightType.F16: ExpandHalf(MemoryMarshal.Cast<byte, Half>(source), destination); break;
            case WeightType.BF16: ExpandBrain(MemoryMarshal.Cast<byte, ushort>(source), destination); break;
            case WeightType.Q8_0: Q8Blocks.Expand(source, destination); break;
            case WeightType.Q4_K: Q4Blocks.Expand(source, destination); break;
            default: Q6Blocks.Expand(source, destination); break;
        }
    }

    /// <summary>Narrows from float32, rounding to the nearest that the type has. Values are finite.</summary>
    /// <param name="type">The type of <paramref name="destination"/>.</param>
    /// <param name="source">A whole number of blocks.</param>
    /// <param name="destination">As many bytes as the blocks take.</param>
    /// <exception cref="OverflowException">A number is beyond the range of the type.</exception>
    /// <exception cref="NotSupportedException">The type is Q6_K, which is only read.</exception>
    public static void Encode(WeightType type, ReadOnlySpan<float> source, Span<byte> destination)
    {
        if (destination.Length != Bytes(type, source.Length)) throw new ArgumentException($"{source.Length} numbers of {type} take {Bytes(type, source.Length)} bytes, not {destination.Length}.", nameof(destination));
        switch (type)
        {
            case WeightType.F32: MemoryMarshal.AsBytes(source).CopyTo(destination); break;
            case WeightType.F16: EncodeHalf(source, MemoryMarshal.Cast<byte, Half>(destination)); break;
            case WeightType.BF16: EncodeBrain(source, MemoryMarshal.Cast<byte, ushort>(destination)); break;
            case WeightType.Q8_0: Q8Blocks.Encode(source, destination); break;
            case WeightType.Q4_K: Q4Blocks.Encode(source, destination); break;
            default: throw new NotSupportedException($"{type} cannot be written.");
        }
    }

    /// <summary>Half precision of a finite number.</summary>
    /// <exception cref="OverflowException">It is beyond the range.</exception>
    internal static Half ToHalf(float value)
    {
        var half = (Half)value;
        return Half.IsFinite(half) ? half : throw new OverflowException($"{value} is beyond the range of half precision, which ends at {Half.MaxValue}");
    }

    private static void ExpandHalf(ReadOnlySpan<Half> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = (float)source[i];
    }

    private static void ExpandBrain(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = BitConverter.UInt32BitsToSingle((uint)source[i] << 16);
    }

    private static void EncodeHalf(ReadOnlySpan<float> source, Span<Half> destination)
    {
        for (int i = 0; i < source.Length; i++) destination[i] = ToHalf(source[i]);
    }

    private static void EncodeBrain(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        // To the nearest, ties to the even one: the carry does it.
        for (int i = 0; i < source.Length; i++)
        {
            uint bits = BitConverter.SingleToUInt32Bits(source[i]);
            destination[i] = (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
            if ((destination[i] & 0x7F80) == 0x7F80) throw new OverflowException($"{source[i]} is beyond the range of bfloat16");
        }
    }
}
