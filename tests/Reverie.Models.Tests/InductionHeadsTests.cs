using Reverie.Tensors;

namespace Reverie.Models.Tests;

public sealed class InductionHeadsTests
{
    private const int Vocabulary = 512, Length = 48;

    [Theory]
    [InlineData(64, 2, 2, 2)]
    [InlineData(96, 4, 3, 3)]
    [InlineData(128, 3, 4, 4)]
    [InlineData(128, 2, 4, 2)]
    public void A_model_that_learned_nothing_expects_what_followed_last_time(int width, int layers, int heads, int keyValueHeads)
    {
        using Transformer model = Model(width, layers, heads, keyValueHeads);
        model.Initialize(7);
        (double first, double again) = MeanLogProbabilities(model);
        Assert.True(again > first + 0.4, $"The first time {first:0.00} nats, the second {again:0.00}.");
        Assert.InRange(first, -Math.Log(Vocabulary) - 0.5, -Math.Log(Vocabulary) + 0.5);
    }

    [Fact]
    public void Random_weights_alone_expect_nothing()
    {
        // What InductionHeads cannot write over stays random: a single layer.
        using Transformer model = Model(128, 1, 4, 4);
        model.Initialize(7);
        (double first, double again) = MeanLogProbabilities(model);
        Assert.InRange(again - first, -0.1, 0.1);
    }

    private static Transformer Model(int width, int layers, int heads, int keyValueHeads) => new(TransformerConfig.ForWidth(width, layers, Vocabulary, 128) with
    {
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadDimension = 32,
    });

    /// <summary>Random tokens, and the same again: what the model thinks of each half's, without the very first.</summary>
    private static (double First, double Again) MeanLogProbabilities(Transformer model)
    {
        using var kernels = new CpuKernels(1);
        using var arena = new Arena();
        var tape = new Tape(kernels, arena, recording: false);
        var random = new RandomStream(3, "tokens");
        double first = 0, again = 0;
        const int texts = 16;
        for (int text = 0; text < texts; text++)
        {
            int[] half = [.. Enumerable.Range(0, Length).Select(_ => random.Next(Vocabulary))], tokens = [.. half, .. half, half[0]];
            float[] logProbabilities = new float[2 * Length];
            Tensor hidden = model.Forward(tape, tokens, 2 * Length, [new Segment(0, 2 * Length)], 1);
            Ops.TokenLoss(tape, hidden, model.Head, tokens[1..], null, 0, 0, logProbabilities);
            first += logProbabilities[..(Length - 1)].Average();
            again += logProbabilities[Length..].Average();
            tape.Reset();
        }

        return (first / texts, again / texts);
    }
}
