using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>The text that a tokenizer is trained on: some of every source.</summary>
internal static class TokenizerSample
{
    private const long PrimerCharacters = 400_000, DataCharacters = 20_000_000;

    public static IEnumerable<string> Of(IReadOnlyList<RaiseSource> sources, ulong seed)
    {
        foreach (RaiseSource source in sources)
        {
            long left = source.IsPrimer ? PrimerCharacters : DataCharacters;
            foreach (Document document in source.Corpus.Documents(Split.Train, seed))
            {
                foreach (string text in document.Messages?.Select(m => m.Content) ?? [document.Text!])
                {
                    yield return text;
                    left -= text.Length;
                }

                if (left <= 0) break;
            }
        }
    }
}
