using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests.Retrieval;

public sealed class FactRecallTests
{
    [Theory]
    [InlineData(150)]
    [InlineData(1500)]
    public void Facts_are_among_the_first_five_in_whatever_words_they_were_told_and_are_asked(int count)
    {
        var random = new RandomStream(3, "recall");
        var facts = new Dictionary<string, Fact>();
        while (facts.Count < count)
        {
            Relation relation = Relations.All[random.Next(Relations.All.Count)];
            var fact = new Fact(Subjects.Draw(relation.Kind, Split.Train, random), relation, Subjects.Value(relation, Split.Train, random));
            facts.TryAdd(fact.Key, fact);
        }

        var index = new MemoryIndex();
        foreach (Fact fact in facts.Values)
        {
            string[] wordings = [.. fact.Relation.Statements, .. fact.Relation.HeldOutStatements];
            string told = Relation.Fill(wordings[random.Next(wordings.Length)], fact.Subject, fact.Value);
            index.Add(Assert.Single(Statements.Split(told)), DateTimeOffset.UnixEpoch.AddDays(index.Count), fact.Key);
        }

        (int Found, int Asked) forward = default, back = default, unknown = default;
        foreach (Fact fact in facts.Values)
        {
            foreach (string wording in fact.Relation.Questions.Concat(fact.Relation.HeldOutQuestions))
            {
                bool isFound = index.Find(Relation.Fill(wording, fact.Subject, ""), 5).Any(m => m.Message == fact.Key);
                forward = (forward.Found + (isFound ? 1 : 0), forward.Asked + 1);
            }

            foreach (string wording in fact.Relation.Reversed.Concat(fact.Relation.HeldOutReversed))
            {
                // Whoever else has the value is as right an answer.
                bool isFound = index.Find(Relation.Fill(wording, "", fact.Value), 5).Any(m => facts[m.Message].Relation == fact.Relation && facts[m.Message].Value == fact.Value);
                back = (back.Found + (isFound ? 1 : 0), back.Asked + 1);
            }

            bool isSilent = index.Find(fact.Relation.Ask(Subjects.Draw(fact.Relation.Kind, Split.HeldOut, random), Split.Train, random), 5).Count == 0;
            unknown = (unknown.Found + (isSilent ? 1 : 0), unknown.Asked + 1);
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{count} facts: asked for the value {Percent(forward)}, asked back {Percent(back)}; nothing said of what was never told {Percent(unknown)}");
        Assert.True(forward.Found > 0.95 * forward.Asked, Percent(forward));
        Assert.True(back.Found > 0.95 * back.Asked, Percent(back));
    }

    private static string Percent((int Found, int Asked) share) => $"{100.0 * share.Found / share.Asked:0.0}% of {share.Asked}";
}
