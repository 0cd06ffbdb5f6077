using Microsoft.ML.Tokenizers;

namespace Reverie.Models.Tests.Tokenization;

/// <summary>Microsoft.ML.Tokenizers with our split pattern: another's merge loop over the same vocabulary.</summary>
internal sealed class LibraryEncoder
{
    private readonly BpeTokenizer _encoder;

    public LibraryEncoder(Tokenizer tokenizer)
    {
        string[] spellings = [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => ByteAlphabet.Spell(tokenizer.Bytes(id)))];
        _encoder = BpeTokenizer.Create(new BpeOptions(
            spellings.Index().Where(token => !tokenizer.IsSpecial(token.Index)).Select(token => KeyValuePair.Create(token.Item, token.Index)))
        {
            Merges = [.. tokenizer.Merges.Select(m => $"{spellings[m.Left]} {spellings[m.Right]}")],
            ByteLevel = true,
            PreTokenizer = new Splitter(),
        });
    }

    public IReadOnlyList<int> Encode(string text) => _encoder.EncodeToIds(text);

    private sealed class Splitter : PreTokenizer
    {
        public override IEnumerable<(int Offset, int Length)> PreTokenize(string text)
        {
            int start = 0;
            foreach (string piece in NaiveBpe.Pieces(text))
            {
                yield return (start, piece.Length);
                start += piece.Length;
            }
        }

        public override IEnumerable<(int Offset, int Length)> PreTokenize(ReadOnlySpan<char> text) => PreTokenize(text.ToString());
    }
}
