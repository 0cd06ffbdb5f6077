using System.Text;

namespace Reverie.Models;

/// <summary>
/// GPT-2's way to write bytes as visible characters, in which <c>tokenizer.json</c> spells its tokens:
/// printable Latin-1 stands for itself, every other byte for U+0100 and onward.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] _characters = BuildCharacters();
    private static readonly Dictionary<char, byte> _bytes =
        Enumerable.Range(0, 256).ToDictionary(b => _characters[b], b => (byte)b);

    /// <summary>Spells <paramref name="bytes"/>.</summary>
    public static string Spell(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length);
        foreach (byte b in bytes) text.Append(_characters[b]);
        return text.ToString();
    }

    /// <summary>Reads a spelling back; false when a character is not of the alphabet.</summary>
    public static bool TryRead(string spelling, out byte[] bytes)
    {
        bytes = new byte[spelling.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            if (!_bytes.TryGetValue(spelling[i], out bytes[i])) return false;
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
}
