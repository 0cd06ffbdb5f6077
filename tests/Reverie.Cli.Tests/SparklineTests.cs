using Reverie.Cli.Display;

namespace Reverie.Cli.Tests;

public class SparklineTests
{
    [Fact]
    public void A_ramp_climbs_from_the_lowest_block_to_the_highest() =>
        Assert.Equal(["▁▂▃▄▅▆▇█"], Sparkline.Draw([0, 1, 2, 3, 4, 5, 6, 7], 8, 1));

    [Fact]
    public void Two_rows_have_sixteen_levels()
    {
        string[] rows = Sparkline.Draw([.. Enumerable.Range(0, 16).Select(i => (double)i)], 16, 2);
        Assert.Equal("        ▁▂▃▄▅▆▇█", rows[0]);
        Assert.Equal("▁▂▃▄▅▆▇█████████", rows[1]);
    }

    [Fact]
    public void More_values_than_columns_are_averaged() =>
        Assert.Equal(["▁█"], Sparkline.Draw([1, 3, 6, 8], 2, 1));

    [Fact]
    public void Constant_empty_and_unknown_values_are_drawn_too()
    {
        Assert.Equal(["▁▁▁"], Sparkline.Draw([2, 2, 2], 8, 1));
        Assert.Equal([""], Sparkline.Draw([], 8, 1));
        Assert.Equal(["▁ █"], Sparkline.Draw([1, double.NaN, 2], 3, 1));
    }

    [Fact]
    public void Without_unicode_it_is_ascii() =>
        Assert.All(Sparkline.Draw([1, 2, 3, 4], 4, 2, unicode: false), row => Assert.True(row.All(char.IsAscii)));

    [Fact]
    public void A_loss_curve_keeps_the_shape_of_any_number_of_steps_in_few_points()
    {
        var curve = new LossCurve();
        for (int i = 0; i < 100_000; i++) curve.Add(100_000 - i);
        double[] points = curve.ToArray();
        Assert.InRange(points.Length, 128, 256);
        Assert.Equal(points.OrderDescending(), points);
        Assert.InRange(points[0], 99_000, 100_000);
    }
}
