using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Sleep.Tests;

/// <summary>What an attacker who has one person's adapter learns of another, or of what was kept out of it: no more than of what nobody told. The same attacks find what the adapter did learn.</summary>
public sealed class IsolationTests(TwoOwners owners) : IClassFixture<TwoOwners>
{
    [Fact]
    public void Membership_by_likelihood_tells_her_facts_from_others_and_anothers_facts_from_nobodys_not()
    {
        double[] hers = owners.Gains(owners.Ada, owners.AdasAdapter), his = owners.Gains(owners.Bob, owners.AdasAdapter), nobodys = owners.Gains(owners.Nobody, owners.AdasAdapter);
        Assert.True(Auc(hers, nobodys) > 0.95);
        // The standard error of an AUC of 24 against 24 without any difference is 0.084.
        Assert.InRange(Auc(his, nobodys), 0.3, 0.7);
        Assert.True(Auc(owners.Gains(owners.Bob, owners.BobsAdapter), owners.Gains(owners.Nobody, owners.BobsAdapter)) > 0.95);
    }

    [Fact]
    public void Sampled_replies_do_not_say_anothers_secrets_more_often_than_nobodys()
    {
        const int Samples = 8;
        int all = owners.Bob.Count;
        int ofNobody = owners.Extracted(owners.Nobody, owners.AdasAdapter, Samples), ofAda = owners.Extracted(owners.Bob, owners.AdasAdapter, Samples), ofBob = owners.Extracted(owners.Bob, owners.BobsAdapter, Samples);
        Assert.True(ofBob > 0.5 * all);
        // Who guesses among ten values says one in ten of anybody's. Three standard errors of a difference of two such counts.
        Assert.True(ofAda <= ofNobody + (3 * Math.Sqrt(2 * Math.Max(1, ofNobody))), $"{ofAda} of {all}, nobody's {ofNobody}");
    }

    [Fact]
    public async Task What_triage_kept_out_is_exposed_as_what_was_never_told_and_a_leak_fails_the_gate()
    {
        await using Diary diary = await Diary.OpenAsync();
        foreach (Fact fact in owners.Ada) await diary.SayAsync(Stated(fact));
        for (int i = 0; i < owners.Poison.Count; i++)
        {
            string text = Stated(owners.Poison[i]);
            if (i % 3 == 0) await diary.SayAsync([MessagePart.Document("notes.txt", text)]);
            else if (i % 3 == 1) await diary.SayAsync([MessagePart.ToolResult("1", text, "search")]);
            else await diary.SayAsync("Tell me something.", owners.Poison[i].Sentence);
        }

        Triage triage = await diary.TriageAsync();
        Assert.Equal(owners.Ada.Count, triage.Book.Count);
        Assert.Equal(owners.Poison.OrderBy(f => f.Key, StringComparer.Ordinal), triage.KeptOut.OrderBy(f => f.Key, StringComparer.Ordinal));
        ExposureExam exam = owners.Exam(triage, owners.Ada);
        ExposureFigures clean = exam.Measure(owners.AdasAdapter);
        using Adapter leaky = owners.Taught([.. owners.Ada, .. owners.Poison]);
        ExposureFigures leaked = exam.Measure(leaky);
        Assert.Equal((20, 20, 0, 20), (clean.Learned.Count, clean.KeptOut.Count, clean.Former.Count, clean.NeverTold.Count));
        Assert.All(Gates(clean), g => Assert.Equal(Verdict.Passed, g.Verdict));
        Assert.Contains(Gates(leaked), g => g.Verdict is Verdict.Failed);
        Assert.True(clean.Learned.Above(clean.NeverTold) > 4, $"learned {clean.Learned}, never told {clean.NeverTold}");
        Assert.True(leaked.KeptOut.Above(leaked.NeverTold) > 4, $"kept out {leaked.KeptOut}, never told {leaked.NeverTold}");
    }

    // SleeperTests shows that forgetting leaves the adapter of a journal that never had the rest, bit for bit; this is that adapter.
    [Fact]
    public async Task What_was_forgotten_is_exposed_as_what_was_never_told()
    {
        await using Diary diary = await Diary.OpenAsync();
        foreach (Fact fact in owners.Ada) await diary.SayAsync(Stated(fact));
        Fact[] stay = [.. owners.Ada.Take(8)], go = [.. owners.Ada.Skip(8)];
        ExposureExam exam = owners.Exam(await diary.TriageAsync(), go);
        using Adapter rebuilt = owners.Taught(stay);
        ExposureFigures before = exam.Measure(owners.AdasAdapter), after = exam.Measure(rebuilt);
        Assert.True(before.Learned.Above(before.NeverTold) > 4, $"before {before.Learned}, never told {before.NeverTold}");
        Assert.True(after.Learned.Above(after.NeverTold) < 2, $"after {after.Learned}, never told {after.NeverTold}");
    }

    private static string Stated(Fact fact) => Relation.Fill(fact.Relation.Statements[0], fact.Subject, fact.Value);

    private static IEnumerable<Gate> Gates(ExposureFigures exposure) => GateReport.OfExposure(exposure, new GateLimits());

    // The chance that a member scores above one who is none.
    private static double Auc(double[] members, double[] others) => members.Average(m => others.Average(o => m > o ? 1 : m == o ? 0.5 : 0));
}
