using System.Text;
using Microsoft.ML.Tokenizers;

namespace Reverie.Models;

/// <summary>Plain text to ids through Microsoft.ML.Tokenizers, with our own <see cref="SplitPattern"/>.</summary>
internal sealed class BpeEncoder
{
    private readonly BpeTokenizer _tokenizer;

    public BpeEncoder(byte[][] tokens, BpeMerge[] merges, Func<int, bool> isSpecial)
    {
        string[] spellings = [.. tokens.Select(t => ByteAlphabet.Spell(t))];
        var options = new BpeOptions(
            Enumerable.Range(0, tokens.Length).Where(id => !isSpecial(id)).Select(id => KeyValuePair.Create(spellings[id], id)))
        {
            Merges = [.. merges.Select(m => $"{spellings[m.Left]} {spellings[m.Right]}")],
            ByteLevel = true,
            PreTokenizer = new Splitter(),
        };
        _tokenizer = BpeTokenizer.Create(options);
    }

    public void Encode(string text, List<int> destination)
    {
        // The library writes a lone surrogate as three bytes that are no UTF-8.
        if (text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF') >= 0) text = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        destination.AddRange(_tokenizer.EncodeToIds(text, considerPreTokenization: true, considerNormalization: false));
    }

    private sealed class Splitter : PreTokenizer
    {
        public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
        {
            for (int start = 0; start < text.Length;)
            {
                int end = SplitPattern.PieceEnd(text, start);
                yield return (start, end - start);
                start = end;
            }
        }

        public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());
    }
}
