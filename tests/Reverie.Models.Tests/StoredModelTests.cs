using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests;

public sealed class StoredModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-stored").FullName;
    private readonly IKernels _kernels = new CpuKernels(2);

    public static TheoryData<WeightPrecision> Precisions => [WeightPrecision.AsStored, WeightPrecision.BFloat16, WeightPrecision.Q8_0];

    [Theory]
    [MemberData(nameof(Precisions))]
    public void A_model_whose_weights_stay_in_the_file_says_bit_for_bit_what_its_expanded_weights_say(WeightPrecision precision)
    {
        using Checkpoint stored = Checkpoint.Load(Saved(), precision: precision);
        using Transformer floats = Expanded(stored.Transformer);
        Assert.True(stored.Transformer.Parameters.HasStored);
        Assert.Equal(LogProbabilities(floats), LogProbabilities(stored.Transformer));

        GenerationRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => new GenerationRequest([.. Enumerable.Range(1, 3 + 9 * i)], new SamplingOptions { Seed = (ulong)i, MaxTokens = 20, StopTokens = [] }))];
        using var one = new Generator(floats, null, _kernels);
        using var two = new Generator(stored.Transformer, null, _kernels);
        IReadOnlyList<Models.Generation> expected = one.RunToEnd(requests), together = two.RunToEnd(requests), alone = two.RunToEnd(requests, maxConcurrent: 1);
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(expected[i].Tokens, together[i].Tokens);
            Assert.Equal(expected[i].LogProbabilities, together[i].LogProbabilities);
            Assert.Equal(expected[i].LogProbabilities, alone[i].LogProbabilities);
        }
    }

    [Theory]
    [MemberData(nameof(Precisions))]
    public void An_adapter_gets_the_gradients_that_it_gets_on_the_expanded_weights(WeightPrecision precision)
    {
        using Checkpoint stored = Checkpoint.Load(Saved(), precision: precision);
        using Transformer floats = Expanded(stored.Transformer);
        float[][] gradients = [.. new[] { stored.Transformer, floats }.Select(model =>
        {
            using Adapter adapter = SmallModels.Adapter(model);
            model.Adapter = adapter;
            model.Parameters.Freeze();
            adapter.Parameters.AllocateGradients();
            LogProbabilities(model, train: true);
            model.Adapter = null;
            return adapter.Parameters.Gradients!.Span.ToArray();
        })];
        Assert.Contains(gradients[0], g => g != 0);
        Assert.Equal(gradients[1], gradients[0]);
    }

    [Fact]
    public void Fewer_bits_change_the_model_little_and_a_stored_model_cannot_be_trained_itself()
    {
        using Checkpoint exact = Checkpoint.Load(Saved());
        using Checkpoint bytes = Checkpoint.Load(Path.Combine(_folder, "model"), precision: WeightPrecision.Q8_0);
        double difference = LogProbabilities(exact.Transformer).Zip(LogProbabilities(bytes.Transformer), (a, b) => Math.Abs((double)a - b)).Average();
        Assert.InRange(difference, 1e-6, 0.1);
        Assert.Contains("adapter", Assert.Throws<ReverieException>(bytes.Transformer.Parameters.AllocateGradients).Message);
    }

    [Fact]
    public void Biases_of_Qwen2_are_saved_read_and_trained()
    {
        TransformerConfig config = SmallModels.Config(queryKeyNorm: false) with { AttentionBias = true };
        using Transformer model = SmallModels.Transformer(config);
        var random = new RandomStream(4, "biases");
        Parameter bias = model.Parameters.All.First(p => p.Kind == ParameterKind.Bias);
        foreach (Parameter parameter in model.Parameters.All.Where(p => p.Kind == ParameterKind.Bias))
            foreach (ref float value in parameter.Value.Span) value = (float)random.NextGaussian();
        Checkpoint.Save(Path.Combine(_folder, "qwen2"), model, SmallModels.Tokenizer, SmallModels.Lineage());
        using Checkpoint loaded = Checkpoint.Load(Path.Combine(_folder, "qwen2"));
        SmallModels.AssertSameWeights(model, loaded.Transformer);
        Assert.Contains("Qwen2ForCausalLM", File.ReadAllText(Path.Combine(_folder, "qwen2", "config.json")));

        model.Parameters.AllocateGradients();
        LogProbabilities(model, train: true);
        for (int i = 0; i < bias.Value.Columns; i += 7)
        {
            const float step = 1e-2f;
            float start = bias.Value.Span[i];
            bias.Value.Span[i] = start + step;
            double above = -LogProbabilities(model).Sum(p => (double)p);
            bias.Value.Span[i] = start - step;
            double below = -LogProbabilities(model).Sum(p => (double)p);
            bias.Value.Span[i] = start;
            Assert.Equal((above - below) / (2 * step), bias.Value.Gradient!.Span[i], 2e-2);
        }
    }

    [Fact]
    public void Stretched_rotary_frequencies_are_those_of_Llama_3()
    {
        // Waves of 2 pi theta^(2i/d) tokens: the first is shorter than 8192 / 4 and stays, the last is longer than 8192 and is divided.
        var scaling = new RopeScaling(8, 1, 4, 8192);
        float[] divisors = scaling.Divisors(500_000, 128);
        Assert.Equal(1, divisors[0]);
        Assert.Equal(8, divisors[^1]);
        Assert.All(divisors.Zip(divisors.Skip(1)), pair => Assert.True(pair.First <= pair.Second));

        // A wave of 4096 tokens: a third of the way from slow to fast, (1 - 1/3) / 8 + 1/3 of its frequency.
        double frequency = 2 * Math.PI / 4096;
        Assert.Equal(frequency * ((1 - 1 / 3.0) / 8 + 1 / 3.0), scaling.Scale(frequency), 1e-12);
        using Transformer plain = SmallModels.Transformer(), stretched = SmallModels.Transformer(SmallModels.Config() with { RopeScaling = new RopeScaling(8, 1, 4, 16) });
        Assert.NotEqual(LogProbabilities(plain), LogProbabilities(stretched));
    }

    public void Dispose()
    {
        _kernels.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A model on disk; its widths are whole blocks of Q8_0.</summary>
    private string Saved()
    {
        using Transformer model = SmallModels.Transformer(SmallModels.Config() with { FeedForward = 64 });
        string folder = Path.Combine(_folder, "model");
        Checkpoint.Save(folder, model, SmallModels.Tokenizer, SmallModels.Lineage());
        return folder;
    }

    private static Transformer Expanded(Transformer stored)
    {
        var floats = new Transformer(stored.Config);
        foreach ((Parameter from, Parameter to) in stored.Parameters.All.Zip(floats.Parameters.All))
            for (int row = 0; row < to.Value.Rows; row++)
            {
                if (from.Value.Stored is { } matrix) matrix.Expand(row, to.Value.Row(row));
                else from.Value.Row(row).CopyTo(to.Value.Row(row));
            }

        return floats;
    }

    /// <summary>Of the second half of a text; the gradients of their negative sum where they are wanted.</summary>
    private float[] LogProbabilities(Transformer model, bool train = false)
    {
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena, recording: train);
        int[] tokens = [.. Enumerable.Range(0, 40).Select(i => i * 37 % 300)];
        float[] result = new float[39], ones = [.. Enumerable.Repeat(1f, 39)];
        Tensor hidden = model.Forward(tape, tokens, 39, [new Segment(0, 39)], 1);
        Ops.TokenLoss(tape, hidden, model.Head, tokens[1..], train ? new TokenWeights { Ce = ones } : null, 0, 1, result);
        if (train) tape.Backward();
        return result;
    }
}
