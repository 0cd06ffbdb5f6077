namespace Reverie.Training.Tests;

public sealed class RolloutStatisticsTests
{
    [Fact]
    public void Statistics_of_three_groups_are_those_computed_by_hand()
    {
        CreditedTrace compared = Tries.Of(1, -1, -3);
        compared.Reference = compared.Spread(-1 + MathF.Log(2), -3);
        TraceGroup one = Tries.Group(compared, Tries.Of(0, -2), Tries.Of(0, -2), Tries.Of(0.5, -2));
        TraceGroup two = Tries.Group(Tries.Of(1, -2), Tries.Of(1, -2), Tries.Of(1, -2), Tries.Of(1, -2), Tries.Failed(-9));
        TraceGroup three = Tries.Group(Tries.Cut(-2, -2, -2), Tries.Of(1, -2), Tries.Of(1, -2), Tries.Cut(-2, -2, -2));
        var statistics = RolloutStatistics.Of([one, two, three, Tries.Group(Tries.Failed(-9))]);

        Assert.Equal((3, 14), (statistics.Groups, statistics.Traces));
        // (1/4 + 1 + 1/2) / 3
        Assert.Equal(1.75 / 3, statistics.PassAt1, 12);
        // pass@2: 1 - C(3,2) / C(4,2) = 1/2; 1; 1 - C(2,2) / C(4,2) = 5/6. pass@4: all.
        Assert.Equal([2, 4], statistics.PassAtK.Keys);
        Assert.Equal((0.5 + 1 + (5 / 6.0)) / 3, statistics.PassAtK[2], 12);
        Assert.Equal(1, statistics.PassAtK[4], 12);
        // (1 + 0 + 0 + 0.5 + 4 + 2) / 12; those cut off were never judged.
        Assert.Equal(7.5 / 12, statistics.MeanReward, 12);
        Assert.Equal(["length", "reward"], statistics.Scores.Keys);
        Assert.Equal(7.5 / 10, statistics.Scores["reward"], 12);
        Assert.Equal(5, statistics.Scores["length"], 12);
        // 2 + 9 + 6 tokens, all -2 in the mean.
        Assert.Equal(2 + 3 + 4 + 8, statistics.MeanLength * 12, 9);
        Assert.Equal(3, statistics.MaxLength);
        Assert.Equal(2, statistics.Entropy, 6);
        // r = 2 and 1: (2 - 1 - ln 2 + 0) / 2
        Assert.Equal((1 - Math.Log(2)) / 2, statistics.Kl!.Value, 6);
        Assert.Equal(1, statistics.MeanTurns);
        // The second group has none. 1 - 1/4^4 - 3/4^4; 0; 1 - 2/2^4.
        Assert.Equal(2 / 3.0, statistics.SignalShare, 12);
        Assert.Equal((1 - (82 / 256.0) + 0.875) / 3, statistics.ExpectedSignal, 12);
        // H(1/4) = 0.811278, H(1) = 0, H(1/2) = 1.
        Assert.Equal((0.8112781245 + 1) / 3, statistics.BitsPerRollout, 9);
        Assert.Equal((2, 2, 0, 0), (statistics.Truncated, statistics.Failed, statistics.OutOfTurns, statistics.Unsound));
    }

    [Fact]
    public void Nothing_gives_zeros()
    {
        var statistics = RolloutStatistics.Of([]);
        Assert.Equal((0, 0.0, 0.0, 0), (statistics.Groups, statistics.PassAt1, statistics.BitsPerRollout, statistics.PassAtK.Count));
        Assert.Null(statistics.Kl);
        Assert.Equal(1, RolloutStatistics.Of([Tries.Group(Tries.Failed(-1))]).Failed);
    }
}
