using Reverie.Sleep;

namespace Reverie.Lab.Tests;

public sealed class LabSummaryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-lab-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_integral_is_the_share_of_what_the_oracle_gains()
    {
        LabDay[] days = [.. Days(LabArms.Frozen, 0.2, 0.2), .. Days(LabArms.Oracle, 0.8, 0.6), .. Days(LabArms.Both, 0.5, 0.4), .. Days(LabArms.Retrieval, 0.2, 0.1)];
        LabSummary summary = LabSummary.Of(days);
        Assert.Equal(0.5, summary.Find(LabArms.Both)!.Integral.Mean, 6);
        Assert.Equal(-0.1, summary.Find(LabArms.Retrieval)!.Integral.Mean, 6);
        Assert.Equal(0, summary.Find(LabArms.Frozen)!.Integral.Mean, 6);
        Assert.Equal(0.3, summary.Difference(LabArms.Both, LabArms.Retrieval).Mean, 6);
        Assert.False(summary.Difference(LabArms.Both, LabArms.Retrieval).HasInterval);
        Assert.Contains(LabVerdict.Of(summary), s => s.StartsWith("Sleep+retrieval is better than retrieval by 30 points.", StringComparison.Ordinal));
        Assert.Contains(LabVerdict.Of(summary), s => s.StartsWith("It is one life", StringComparison.Ordinal));
    }

    [Fact]
    public void An_interval_needs_several_lives_and_covers_what_they_differ_by()
    {
        Spread spread = Spread.Of([0.4, 0.5, 0.6]);
        Assert.Equal((0.5, 3), (spread.Mean, spread.Lives));
        Assert.Equal(0.5 - (4.303 * 0.1 / Math.Sqrt(3)), spread.Low, 4);
        LabSummary summary = LabSummary.Of([.. Days(LabArms.Retrieval, 0.5), .. Days(LabArms.Retrieval, 0.3).Select(d => d with { Seed = 2 }), .. Days(LabArms.Both, 0.4), .. Days(LabArms.Both, 0.2).Select(d => d with { Seed = 2 })]);
        Assert.Contains(LabVerdict.Of(summary), s => s.Contains("loses to retrieval by 10 points", StringComparison.Ordinal) && s.Contains("outside the errors", StringComparison.Ordinal));
    }

    [Fact]
    public void Half_life_is_read_from_an_exponential()
    {
        Dictionary<int, LabScore> Falling(double days) => Enumerable.Range(0, 12).ToDictionary(a => a, a => new LabScore(0.9 * Math.Pow(2, -a / days), 50));
        Assert.Equal(4, ForgettingCurve.HalfLife(Falling(4)), 3);
        Assert.True(double.IsPositiveInfinity(ForgettingCurve.HalfLife(Falling(-50))));
        Assert.True(double.IsNaN(ForgettingCurve.HalfLife(new Dictionary<int, LabScore> { [0] = new(0.9, 10), [1] = new(0.8, 10) })));
        Assert.True(double.IsNaN(ForgettingCurve.HalfLife(Enumerable.Range(0, 9).ToDictionary(a => a, _ => new LabScore(0.05, 40)))));
    }

    [Fact]
    public void Half_a_line_is_taken_back_and_the_rest_is_kept()
    {
        var results = new LabResults(_folder);
        foreach (LabDay day in Days(LabArms.Frozen, 0.25, 0.5)) results.Add(day, [new LabAnswer(LabKinds.Today, "Who?", "You.", $"{day.Day}", 0)]);
        File.AppendAllText(Path.Combine(_folder, LabResults.FileName), "{\"arm\":\"fro");
        var again = new LabResults(_folder);
        Assert.Equal([0.25, 0.5], again.Days.Select(d => d.Utility));
        Assert.Equal(results.Days[1].Ages, again.Days[1].Ages);
        Assert.Equal("2", Assert.Single(again.AnswersOf(1, 2)[LabArms.Frozen]).Reply);
        again.Add(Days(LabArms.Frozen, 0, 0, 0.75)[2], []);
        Assert.Equal(0.75, new LabResults(_folder).Find(1, 3, LabArms.Frozen)!.Utility);
    }

    [Fact]
    public void The_page_shows_all_arms_and_fetches_nothing()
    {
        string page = LabPage.Render("small@1", new LabOptions(), LabSummary.Of([.. LabArms.All.SelectMany(a => Days(a, 0.2, 0.4, 0.5))]),
            LabArms.All.ToDictionary(a => a, a => (IReadOnlyList<LabAnswer>)[new LabAnswer(LabKinds.Today, "Who am I?", "Your name is Mia.", $"<b>{a}", a == LabArms.Both ? 1 : 0)]));
        Assert.Contains("✓ &lt;b&gt;sleep+retrieval", page, StringComparison.Ordinal);
        Assert.All(LabArms.All, a => Assert.Contains(a, page, StringComparison.Ordinal));
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
    }

    private static LabDay[] Days(string arm, params double[] utilities) => [.. utilities.Select((u, i) => new LabDay
    {
        Arm = arm,
        Seed = 1,
        Day = i + 1,
        Utility = u,
        Kinds = LabKinds.Shares.Keys.Append(LabKinds.Poison).ToDictionary(k => k, _ => new LabScore(u, 10)),
        Ages = new Dictionary<int, LabScore> { [0] = new(u, 5), [i + 1] = new(u / 2, 3) },
        Text = new TextFigures(1.1, 0.01, 0.5, 6, 8, 0.9),
        PoisonHeld = arm == LabArms.Both ? 0 : null,
        Leaked = arm == LabArms.Naive ? 0.5 : double.NaN,
        Obeyed = 0,
        PromptTokens = 20,
        AnswerSeconds = 2,
        Evening = new Evening("trained", 5, 1, null),
    })];
}
