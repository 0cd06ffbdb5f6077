using System.Text;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Tokenization;

/// <summary>Texts that a tokenizer finds hard.</summary>
internal static class RandomText
{
    private static readonly string[] _bits =
    [
        "the", " the", "The", " and", "er", "in", "a", "b", "Z", "é", "e\u0301", "ß", "ſ", "K", "ǅ", "Ж", "中", "文字", "あ", "ا", "ก", "한",
        "0", "7", "42", "٣", "Ⅷ", "²", "½", "๑", " ", "  ", "   ", "\t", "\n", "\r\n", "\r", "\n\n", "\u00A0", "\u3000", "\u2028", "\u0085", "\v",
        "'", "'s", "'S", "'re", "'LL", "'ve", "'ſ", "'d", "'x", ".", ",", "!?", "--", "_", "{\"a\": 1}", "<", ">", "<|im_end|>", "<think>", "\0", "\u0001", "\u007F",
        "\u200D", "\uFE0F", "\uFEFF", "\uFFFD", "😀", "👩‍👩‍👧", "🇩🇪", "𝒜", "𝟏", "𠀀", "𐄇", "\uD800", "\uDC00", "\uDBFF",
    ];

    /// <summary>A text of at most <paramref name="length"/> bits.</summary>
    public static string Draw(RandomStream random, int length)
    {
        var text = new StringBuilder();
        for (int i = random.Next(length + 1); i > 0; i--)
        {
            if (random.Next(8) == 0) text.Append((char)random.Next(char.MaxValue + 1));
            else text.Append(random.Pick(_bits));
        }

        return text.ToString();
    }

    private static readonly Gen<string> _bit = Gen.Int[0, _bits.Length - 1].Select(i => _bits[i]);

    /// <summary>Mixed bits, random UTF-16 units, or one bit many times over.</summary>
    public static readonly Gen<string> Any = Gen.OneOf(
        _bit.List[0, 60].Select(bits => string.Concat(bits)),
        Gen.Char['\0', '\uFFFF'].Array[0, 40].Select(chars => new string(chars)),
        Gen.Select(_bit, Gen.Int[1, 300], (bit, count) => string.Concat(Enumerable.Repeat(bit, count))));

    /// <summary>What UTF-8 can hold of <paramref name="text"/>: lone surrogates become U+FFFD.</summary>
    public static string WellFormed(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
