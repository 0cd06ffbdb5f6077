using System.Runtime.CompilerServices;

namespace Reverie.Models;

/// <summary>
/// GPT-2's way to write bytes as visible characters, in which <c>tokenizer.json</c> spells its tokens:
/// printable Latin-1 stands for itself, every other byte for U+0100 and onward.
/// </summary>
internal static class ByteAlphabet
{
    private const int Unknown = -1;

    private static readonly char[] _characters = BuildCharacters();
    private static readonly short[] _bytes = BuildBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char Spell(byte value) => _characters[value];

    /// <summary>Spells <paramref name="bytes"/>.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = bytes.Length <= 256 ? stackalloc char[bytes.Length] : new char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++) text[i] = _characters[bytes[i]];
        return new string(text);
    }

    /// <summary>Reads a spelling back; false when a character is not of the alphabet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static bool TryRead(string spelling, out byte[] bytes)
    {
        bytes = new byte[spelling.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            int value = spelling[i] < _bytes.Length ? _bytes[spelling[i]] : Unknown;
            if (value == Unknown) return false;
            bytes[i] = (byte)value;
        }

        return true;
    }

    private static char[] BuildCharacters()
    {
        var characters = new char[256];
        int moved = 0;
        for (int b = 0; b < 256; b++)
        {
            bool visible = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE;
            characters[b] = visible ? (char)b : (char)(256 + moved++);
        }

        return characters;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[_characters.Max() + 1];
        Array.Fill(bytes, (short)Unknown);
        for (int b = 0; b < _characters.Length; b++) bytes[_characters[b]] = (short)b;
        return bytes;
    }
}
