using System.Numerics;

namespace Reverie.Training;

/// <summary>CRC-32C (Castagnoli; RFC 3720, appendix B.4), as TensorBoard's record files use it.</summary>
internal static class Crc32C
{
    /// <summary>The checksum of <paramref name="bytes"/>.</summary>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    /// <summary>The masked checksum of a record: rotated and shifted, because a checksum of data that hold checksums is weak.</summary>
    public static uint Masked(ReadOnlySpan<byte> bytes) => BitOperations.RotateRight(Of(bytes), 15) + 0xA282EAD8u;
}
