using CsCheck;

namespace Reverie.Evaluation.Tests;

public class PlotTests
{
    private static readonly Gen<double> _value = Gen.OneOf(Gen.Double[-1e9, 1e9], Gen.Double[-1, 1], Gen.Double[0, 1e-7], Gen.Const(0.0));

    [Fact]
    public void Axes_have_few_ticks_in_order_inside_them_and_hold_all_values() => (from values in _value.List[1, 20] from log in Gen.Bool from round in Gen.Bool select (values, log, round)).Sample(c =>
    {
        var axis = new PlotAxis(c.values, c.log, round: c.round);
        Assert.InRange(axis.Ticks.Count, 0, 6);
        Assert.All(axis.Ticks, t => Assert.InRange(axis.Position(t), -1e-6, 1 + 1e-6));
        Assert.Equal(axis.Ticks.Order(), axis.Ticks);
        Assert.Equal(axis.Ticks.Count, axis.Ticks.Select(axis.Label).Distinct().Count());
        Assert.All(c.values.Where(v => !c.log || v > 0), v => Assert.InRange(axis.Position(v), -1e-6, 1 + 1e-6));
        if (c.round) Assert.True(axis.Ticks.Count >= 2);
    });

    [Theory]
    [InlineData(0, 0.97, false, "0 0.25 0.5 0.75 1")]
    [InlineData(0.8, 6.9, true, "1 2 5")]
    [InlineData(1e-9, 1e-3, true, "1E-9 1E-7 1E-5 0.001")]
    [InlineData(0, 781_000, false, "0 200k 400k 600k 800k")]
    public void Ticks_are_round(double low, double high, bool log, string labels)
    {
        var axis = new PlotAxis([low, high], log);
        Assert.Equal(labels, string.Join(' ', axis.Ticks.Select(axis.Label)));
    }

    [Fact]
    public void Labels_at_the_ends_of_lines_do_not_lie_on_one_another()
    {
        PlotSeries[] series = [.. Enumerable.Range(0, 7).Select(i => new PlotSeries($"s{i}", [0, 1], [1, 0.5 + i * 1e-3]) { Colour = i })];
        string svg = new LinePlot("t", "u", "x", series).Render().ToString();
        double[] heights = [.. System.Text.RegularExpressions.Regex.Matches(svg, "class=\"label c\\d\" x=\"100%\" dx=\"8\" y=\"([\\d.]+)\"").Select(m => double.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).Order()];
        Assert.Equal(7, heights.Length);
        Assert.All(heights.Zip(heights.Skip(1)), p => Assert.True(p.Second - p.First >= 12.9));
    }

    [Fact]
    public void Smoothing_keeps_straight_lines_and_both_ends()
    {
        double[] line = [.. Enumerable.Range(0, 200).Select(i => 3.0 * i)];
        PlotSeries smooth = new PlotSeries("s", line, line).Smoothed();
        Assert.All(line.Zip(smooth.Y), p => Assert.Equal(p.First, p.Second, 6));
    }

    [Fact]
    public void Intervals_agree_with_published_ones()
    {
        // Newcombe (1998), Statistics in Medicine 17: 81 of 263 by Wilson's method; 56 of 70 against 48 of 80 by method 10.
        (double low, double high) = ShareInterval.Of(81 / 263.0, 0, 263);
        Assert.Equal((0.2553, 0.3662), (Math.Round(low, 4), Math.Round(high, 4)));
        (low, high) = ShareInterval.OfDifference(Share(48, 80), Share(56, 70));
        Assert.Equal((0.0524, 0.3339), (Math.Round(low, 4), Math.Round(high, 4)));
        Assert.Equal((0, 0.0370), (ShareInterval.Of(0, 0, 100).Low, Math.Round(ShareInterval.Of(0, 0, 100).High, 4)));
    }

    [Fact]
    public void Intervals_hold_their_score_and_stay_between_0_and_1() => (from p in Gen.Double[0, 1] from error in Gen.Double[0, 0.5] from n in Gen.Int[1, 10_000] select (p, error, n)).Sample(c =>
    {
        (double low, double high) = ShareInterval.Of(c.p, c.error, c.n);
        Assert.True(low >= 0 && low <= c.p && c.p <= high && high <= 1);
    });

    private static ExamScore Share(int right, int all) => new("", "", "", all, right / (double)all, 0, []);
}
