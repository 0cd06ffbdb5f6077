namespace Reverie.Training.Tests;

/// <summary>The page on adding a method, followed to the letter.</summary>
public sealed class AddingAMethodTests
{
    [Fact]
    public void The_rule_on_the_page_is_the_rule_that_is_tested()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Reverie.slnx"))) root = Path.GetDirectoryName(root.TrimEnd(Path.DirectorySeparatorChar)) ?? throw new InvalidOperationException("Run the tests inside the repository.");
        string page = File.ReadAllText(Path.Combine(root, "docs", "adding-a-method.md"));
        string[] blocks = [.. page.Split("```csharp\n").Skip(1).Select(b => b[..b.IndexOf("```", StringComparison.Ordinal)])];
        string folder = Path.Combine(root, "tests", "Reverie.Training.Tests", "Credit");
        Assert.Equal(File.ReadAllText(Path.Combine(folder, "RewardWeighted.cs")).Replace("namespace Reverie.Training.Tests;", "namespace Reverie.Training;"), blocks[0]);
        Assert.Contains(blocks[1].Trim(), File.ReadAllText(Path.Combine(folder, "AddingAMethodTests.cs")).Replace("\n    ", "\n"));
        foreach (string rule in CreditRules.All.Select(r => r.Name)) Assert.Contains($"`{rule}`", page);
    }

    [Fact]
    public void A_rule_in_one_file_is_found_by_name() =>
        Assert.IsType<RewardWeighted>(Assert.Single(CreditRules.In(typeof(RewardWeighted).Assembly), r => r.Name == "reward-weighted"));

    [Fact]
    public void A_better_try_is_imitated_more()
    {
        TraceGroup group = Tries.Group(Tries.OfLength(1, 2), Tries.OfLength(0, 4));
        Tries.Assign(new RewardWeighted { Temperature = 1 / Math.Log(3) }, group);
        // e^(R ln 3) is 3 and 1, so the parts are 3/4 and 1/4: 0.75 * 2 / (2 * 2) and 0.25 * 2 / (2 * 4).
        Tries.Near([0.375, 0.375], group.Traces[0].Own(group.Traces[0].Ce));
        Tries.Near([0.0625, 0.0625, 0.0625, 0.0625], group.Traces[1].Own(group.Traces[1].Ce));
    }
}
