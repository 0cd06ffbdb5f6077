using System.Text.Json;
using Reverie.Cli.Display;

namespace Reverie.Cli.Tests;

public class BudgetTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public void Budgets_give_a_table_a_plot_and_a_point_each()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run("eval", "tiny", "parity", "--budgets", "0,4,8", "--exact-budgets", "--answer-tokens", "6", "--samples", "2", "--questions", "3", "--json", "--workspace", tiny.Folder));
        Assert.Contains("maj@2", streams.Error);
        Assert.Contains("tokens of a reply", streams.Error);
        JsonElement points = JsonDocument.Parse(streams.LastLine).RootElement.GetProperty("budgets").GetProperty("parity");
        Assert.Equal([0, 4, 8], points.EnumerateArray().Select(p => p.GetProperty("budget").GetInt32()));
        Assert.Equal([0.0, 4, 8], points.EnumerateArray().Select(p => p.GetProperty("thinking_tokens").GetDouble()));
        Assert.All(points.EnumerateArray(), p => Assert.InRange(p.GetProperty("metrics").GetProperty("pass@2").GetDouble(), 0, 1));
    }

    [Theory]
    [InlineData("1,x")]
    [InlineData("")]
    [InlineData("-3")]
    public void What_is_no_budget_is_wrong_usage(string budgets)
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Usage, streams.Run("eval", "tiny", "--budgets", budgets, "--workspace", tiny.Folder));
        Assert.Contains("--budgets", streams.Error);
    }

    [Fact]
    public void Points_stand_where_they_belong()
    {
        string[] rows = ScatterPlot.Draw([(0, 0, 0), (50, 0.5, 0.1), (100, 1, 0)], "x", 48, unicode: false);
        Assert.Equal(" 100% |" + new string(' ', 40) + "o", rows[0]);
        Assert.Equal("      |" + new string(' ', 20) + "|", rows[4]);
        Assert.Equal("  50% |" + new string(' ', 20) + "o", rows[5]);
        Assert.Equal("   0% |o", rows[10]);
        Assert.EndsWith("100", rows[^1]);
    }
}
