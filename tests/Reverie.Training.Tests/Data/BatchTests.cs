using Reverie.Tensors;

namespace Reverie.Training.Tests;

public sealed class BatchTests
{
    [Fact]
    public void Weights_belong_to_the_token_that_is_predicted()
    {
        var batch = new Batch(2);
        Assert.Equal(0, batch.Add([5, 6, 7], ce: [9, 1, 2]));
        Assert.Equal(2, batch.Add([8, 9], rl: [9, -3], valueTargets: [9, 0.5f], valueWeights: [9, 4]));
        Assert.Equal(3, batch.Add([1, 2, 3], ce: [0, 0, 7], kl: [0, 8, 0]));
        Assert.Equal((5, 3, 5), (batch.TokenCount, batch.SegmentCount, batch.SupervisedTokens));
        Assert.Equal([5, 6, 8, 1, 2], batch.Tokens[..5]);
        Assert.Equal([6, 7, 9, 2, 3], batch.Targets[..5]);
        Assert.Equal([new Segment(0, 2), new Segment(2, 1), new Segment(3, 2)], batch.Segments[..3]);
        Assert.Equal([1, 2, 0, 0, 7], batch.CeWeights[..5]);
        Assert.Equal([0, 0, -3, 0, 0], batch.Weights.Rl![..5]);
        Assert.Equal([0, 0, 0, 8, 0], batch.Weights.Kl![..5]);
        Assert.Equal([0, 0, 0.5f, 0, 0], batch.Weights.ValueTargets![..5]);
        Assert.Equal([0, 0, 4, 0, 0], batch.Weights.ValueWeights![..5]);
    }

    [Fact]
    public void A_cleared_batch_remembers_no_channel()
    {
        var batch = new Batch(8);
        batch.Add([1, 2, 3], rl: [1, 1, 1]);
        batch.Clear();
        Assert.Null(batch.Weights.Rl);
        batch.Add([1, 2], ce: [1, 1]);
        batch.Add([1, 2], rl: [2, 2]);
        Assert.Equal([0, 2], batch.Weights.Rl![..2]);
        Assert.Equal(2, batch.SupervisedTokens);
    }

    [Fact]
    public void A_dataset_joins_a_batch_of_other_channels_with_zeros()
    {
        var batch = new Batch(8);
        batch.Add([1, 2, 3], rl: [1, 1, 1]);
        batch.Clear();
        batch.Add([1, 2], rl: [1, 1]);
        TokenDataset data = TokenDataset.InMemory("two", [new TokenizedDocument([4, 5, 6], null, 0)]);
        Assert.True(batch.TryAdd(data, 0, 0, 2, LossWeights.All));
        Assert.Equal([1, 0, 0], batch.Weights.Rl![..3]);
        Assert.Equal([0, 1, 1], batch.CeWeights[..3]);
    }

    [Fact]
    public void What_would_poison_a_batch_is_refused_and_leaves_it_as_it_was()
    {
        var batch = new Batch(4);
        batch.Add([1, 2], ce: [0, 1]);
        foreach (Action bad in new Action[]
        {
            () => batch.Add([1]),
            () => batch.Add([]),
            () => batch.Add([1, 2], ce: [1]),
            () => batch.Add([1, 2], ce: [1, float.NaN]),
            () => batch.Add([1, 2, 3], ce: [0, 1, 1], rl: [0, 1, float.PositiveInfinity]),
            () => batch.Add([1, 2], valueWeights: [0, 1]),
        })
        {
            Assert.DoesNotContain('\n', Assert.Throws<ReverieException>(bad).Message);
            Assert.Equal((1, 1, 1), (batch.TokenCount, batch.SegmentCount, batch.SupervisedTokens));
            Assert.Null(batch.Weights.Rl);
        }

        batch.Add([1, 2], ce: [float.NaN, 1]);
        Assert.Equal(2, batch.TokenCount);
    }
}
