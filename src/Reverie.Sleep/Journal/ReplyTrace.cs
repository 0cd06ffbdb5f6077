using System.Buffers.Binary;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// What the model did when it replied: the tokens it chose and how likely each was. Sleep measures surprise by it and trains on
/// exactly these tokens.
/// </summary>
public sealed record ReplyTrace
{
    private const byte Format = 1;

    /// <summary>Tokens of the prompt before it.</summary>
    public required int PromptLength { get; init; }

    /// <summary>Ids of the tokens that were generated, a stop token at the end included.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>log p of each of them in nats under the model's own distribution.</summary>
    public required IReadOnlyList<float> LogProbabilities { get; init; }

    /// <summary>The trace of what a generator made.</summary>
    public static ReplyTrace Of(Generation generation) => new()
    {
        PromptLength = generation.Request.Prompt.Length,
        Tokens = generation.Tokens.ToArray(),
        LogProbabilities = generation.LogProbabilities.ToArray(),
    };

    /// <summary>
    /// The trace as bytes: the format's number 1, then prompt length, number of tokens and ids as LEB128, then the log-probabilities as
    /// little-endian float32, so that their bits come back.
    /// </summary>
    /// <exception cref="ReverieException">Tokens and log-probabilities differ in number, or a number is negative.</exception>
    public byte[] ToBytes()
    {
        if (Tokens.Count != LogProbabilities.Count) throw new ReverieException($"A trace has {Tokens.Count} tokens and {LogProbabilities.Count} log-probabilities. Give one for each token.");
        if (PromptLength < 0 || Tokens.Any(t => t < 0)) throw new ReverieException("A trace has a negative token or prompt length. Ids begin with 0.");
        using var bytes = new MemoryStream(16 + 7 * Tokens.Count);
        bytes.WriteByte(Format);
        Write(bytes, PromptLength);
        Write(bytes, Tokens.Count);
        foreach (int token in Tokens) Write(bytes, token);
        Span<byte> number = stackalloc byte[sizeof(float)];
        foreach (float value in LogProbabilities)
        {
            BinaryPrimitives.WriteSingleLittleEndian(number, value);
            bytes.Write(number);
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="ReverieException">It is something else, or cut short.</exception>
    public static ReplyTrace FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || bytes[0] != Format) throw Damaged();
        bytes = bytes[1..];
        int promptLength = Read(ref bytes), count = Read(ref bytes);
        // A token takes at least five bytes here, so a false count cannot ask for memory.
        if (count > bytes.Length / 5) throw Damaged();
        var tokens = new int[count];
        for (int i = 0; i < count; i++) tokens[i] = Read(ref bytes);
        if (bytes.Length != count * sizeof(float)) throw Damaged();
        var values = new float[count];
        for (int i = 0; i < count; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return new ReplyTrace { PromptLength = promptLength, Tokens = tokens, LogProbabilities = values };
    }

    /// <summary>Whether all numbers are equal, log-probabilities to the bit.</summary>
    public bool Equals(ReplyTrace? other) => other is not null && ToBytes().AsSpan().SequenceEqual(other.ToBytes());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(PromptLength, Tokens.Count);

    private static void Write(Stream bytes, int value)
    {
        for (; value >= 0x80; value >>= 7) bytes.WriteByte((byte)(value | 0x80));
        bytes.WriteByte((byte)value);
    }

    private static int Read(ref ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if (bytes.IsEmpty) break;
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (long)(next & 0x7f) << shift;
            if (next < 0x80) return value <= int.MaxValue ? (int)value : throw Damaged();
        }

        throw Damaged();
    }

    private static ReverieException Damaged() => new("A reply's trace is damaged or of another format. Leave it out, or restore the file it comes from.");
}
