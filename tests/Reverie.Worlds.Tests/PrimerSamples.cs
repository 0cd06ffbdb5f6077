using Reverie.Models;

namespace Reverie.Worlds.Tests;

public class PrimerSamples(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Split.Train)]
    [InlineData(Split.HeldOut)]
    public void Samples_read_like_sentences(Split split)
    {
        foreach (ICorpus corpus in Primer.Corpora)
        {
            foreach (Document document in corpus.Documents(split, 11).Take(25))
            {
                string text = PrimerTests.Flat(document);
                output.WriteLine($"[{corpus.Name}]\n{text}\n");
                // A slot that nobody filled; calls of tools have braces of their own.
                if (!text.Contains("tool_call", StringComparison.Ordinal)) Assert.DoesNotContain('{', text);
                Assert.DoesNotContain("  ", text);
                Assert.True(document.Messages is null || document.Messages[^1].Role == Role.Assistant, text);
            }
        }
    }
}
