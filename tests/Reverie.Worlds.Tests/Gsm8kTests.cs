namespace Reverie.Worlds.Tests;

/// <summary>The whole of GSM8K, where its file is at hand.</summary>
public sealed class Gsm8kTests
{
    private static readonly string? File = Environment.GetEnvironmentVariable("REVERIE_GSM8K");

    [Fact]
    public void Gold_passes_every_word_problem_and_no_hack_does()
    {
        Assert.SkipUnless(File is not null, "Name GSM8K's test.jsonl in the environment variable REVERIE_GSM8K to grade its experts.");
        foreach (bool calculations in new[] { false, true })
        {
            foreach (Question question in new Gsm8k(File!, calculations).Tasks(Split.HeldOut, 1).Cast<Question>())
            {
                Assert.Equal(1, question.Score(question.Gold));
                Assert.Equal(1, question.AlsoReports!(question.Gold).Single().Value);
                Assert.Equal(calculations && question.Gold.Contains("<<", StringComparison.Ordinal), question.Gold.Contains(">>", StringComparison.Ordinal));
                foreach ((string hack, IActor actor) in Actors.Hacks)
                    if (hack != "every number" || Gsm8kAnswer.Strict(question.Gold) != "199") Assert.True(Episode.Play(question, actor).Reward < 1, $"{hack}: {question.Gold}");
            }
        }
    }
}
