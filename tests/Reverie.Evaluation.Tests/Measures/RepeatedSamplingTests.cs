using Reverie.Worlds;

namespace Reverie.Evaluation.Tests;

public class RepeatedSamplingTests
{
    [Fact]
    public void Pass_at_k_is_one_minus_the_share_of_subsets_without_a_right_one()
    {
        // Of the 10 pairs of 5 samples, 3 hold none of the 2 right ones.
        Assert.Equal(0.7, RepeatedSampling.PassAtK(5, 2, 2), 12);
        Assert.Equal(0.4, RepeatedSampling.PassAtK(5, 2, 1), 12);
        Assert.Equal(1, RepeatedSampling.PassAtK(5, 2, 4));
        Assert.Equal(0, RepeatedSampling.PassAtK(5, 0, 5));
        Assert.InRange(RepeatedSampling.PassAtK(2000, 1, 1000), 0.4999, 0.5001);
    }

    [Fact]
    public void Pass_hat_k_is_the_share_of_subsets_that_are_all_right()
    {
        // Of the 10 pairs of 5 samples, 3 are of the 3 right ones.
        Assert.Equal(0.3, RepeatedSampling.PassHatK(5, 3, 2), 12);
        Assert.Equal(0.6, RepeatedSampling.PassHatK(5, 3, 1), 12);
        Assert.Equal(0, RepeatedSampling.PassHatK(5, 3, 4));
    }

    [Fact]
    public void Both_agree_with_counting_all_subsets()
    {
        for (int n = 1; n <= 8; n++)
            for (int c = 0; c <= n; c++)
                for (int k = 1; k <= n; k++)
                {
                    int[] subsets = [.. Enumerable.Range(0, 1 << n).Where(s => System.Numerics.BitOperations.PopCount((uint)s) == k)];
                    int right = (1 << c) - 1;
                    Assert.Equal(subsets.Average(s => (s & right) != 0 ? 1.0 : 0), RepeatedSampling.PassAtK(n, c, k), 10);
                    Assert.Equal(subsets.Average(s => (s & ~right) == 0 ? 1.0 : 0), RepeatedSampling.PassHatK(n, c, k), 10);
                }
    }

    [Fact]
    public void The_majority_is_the_most_frequent_answer_and_the_first_of_equals()
    {
        Assert.Equal(1, RepeatedSampling.Majority([null, "12", "13", null, "12"]));
        Assert.Equal(0, RepeatedSampling.Majority(["13", "12", "12", "13"]));
        Assert.Equal(-1, RepeatedSampling.Majority([null, null]));
        Assert.Equal(2, RepeatedSampling.Best([0.1, 0.2, 0.7, 0.7]));
    }
}
