namespace Reverie.Evaluation.Tests;

public class SampledItemTests
{
    [Fact]
    public void Best_of_n_takes_the_likeliest_sample_and_the_majority_the_frequent_one()
    {
        IReadOnlyList<Metric> metrics = SampledItem.Metrics([new SampledItem([1, 0, 0], ["7", "8", "8"], [-0.1, -0.5, -0.2]), new SampledItem([0, 0, 1], [null, null, "7"], [-0.1, -0.5, -0.2])]);
        Assert.Equal(["pass@1", "pass@2", "pass@3", "pass^2", "pass^3", "maj@3", "best@3"], metrics.Select(m => m.Name));
        double[] expected = [1.0 / 3, 2.0 / 3, 1, 0, 0, 0.5, 0.5];
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], metrics[i].Value, 12);
    }
}
