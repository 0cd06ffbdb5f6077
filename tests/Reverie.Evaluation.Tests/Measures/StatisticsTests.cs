namespace Reverie.Evaluation.Tests;

public class StatisticsTests
{
    [Fact]
    public void Standard_errors_are_those_of_the_formulas()
    {
        // Values 1, 0, 0, 1: s^2 = 4 * 0.25 / 3, divided by 4.
        Assert.Equal(Math.Sqrt(1.0 / 3 / 4), Statistics.StandardError([1, 0, 0, 1]), 12);
        Assert.Equal(0, Statistics.StandardError([1]));
        Assert.Equal(0.05, Statistics.BinomialStandardError(0.5, 100), 12);
    }

    [Fact]
    public void Percentiles_are_linear_between_neighbours()
    {
        Assert.Equal(2.5, Statistics.Percentile([4, 1, 3, 2], 50));
        Assert.Equal(1.75, Statistics.Percentile([4, 1, 3, 2], 25));
        Assert.Equal(4, Statistics.Percentile([4, 1, 3, 2], 100));
    }

    [Theory]
    [InlineData(0, 7, 0.5)]
    [InlineData(12.706, 1, 0.025)]
    [InlineData(-12.706, 1, 0.975)]
    [InlineData(2.228, 10, 0.025)]
    [InlineData(4.144, 10, 0.001)]
    [InlineData(1.96, 100000, 0.025)]
    [InlineData(1000, 2, 4.999992500012500e-7)]
    public void Tails_of_Students_distribution_are_those_of_the_tables(double value, int degrees, double tail) =>
        Assert.InRange(Statistics.StudentTail(value, degrees) / tail, 0.999, 1.001);

    [Fact]
    public void The_bootstrap_agrees_with_the_formula_and_repeats_itself()
    {
        double[] values = [.. Enumerable.Range(0, 200).Select(i => i % 4 == 0 ? 1.0 : 0)];
        BootstrapEstimate estimate = Statistics.Bootstrap(values, v => v.Average(), 7);
        Assert.Equal(0.25, estimate.Value);
        Assert.InRange(estimate.StandardError / Statistics.StandardError(values), 0.9, 1.1);
        Assert.InRange(estimate.Low, 0.17, 0.21);
        Assert.InRange(estimate.High, 0.29, 0.33);
        Assert.Equal(estimate, Statistics.Bootstrap(values, v => v.Average(), 7));
        Assert.NotEqual(estimate, Statistics.Bootstrap(values, v => v.Average(), 8));
    }
}
