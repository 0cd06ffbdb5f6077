using CsCheck;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests;

public sealed class AdapterTests : IDisposable
{
    private readonly IKernels _kernels = new CpuKernels(2);
    private readonly Transformer _model = SmallModels.Transformer();
    private readonly Adapter _adapter;

    public AdapterTests() => _adapter = SmallModels.Adapter(_model);

    public void Dispose()
    {
        _adapter.Dispose();
        _model.Dispose();
        _kernels.Dispose();
    }

    [Fact]
    public void A_new_adapter_changes_no_bit_and_a_trained_one_does()
    {
        float[] before = LogProbabilities(_model);
        using var fresh = new Adapter(_model, rank: 3);
        _model.Adapter = fresh;
        Assert.Equal(before, LogProbabilities(_model));
        _model.Adapter = _adapter;
        Assert.NotEqual(before, LogProbabilities(_model));
        _model.Adapter = null;
        Assert.Equal(before, LogProbabilities(_model));
    }

    [Fact]
    public void Merged_weights_say_what_the_model_says_with_its_adapter()
    {
        float[] weights = _model.Parameters.Values.Span.ToArray();
        using Transformer merged = _adapter.Merged(_model, _kernels);
        Assert.Equal(weights, _model.Parameters.Values.Span.ToArray());
        _model.Adapter = _adapter;
        (float[] expected, float[] actual) = (Logits(_model), Logits(merged));
        float scale = expected.Max(Math.Abs);
        Assert.InRange(scale, 0.1f, 100f);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -1e-5f * scale, 1e-5f * scale);
        _model.Adapter = null;
        Assert.True(expected.Zip(Logits(_model), (a, b) => Math.Abs(a - b)).Max() > 1e-2f * scale);
    }

    [Fact]
    public void A_rounded_adapter_takes_half_the_room_and_comes_back_bit_for_bit()
    {
        string folder = Directory.CreateTempSubdirectory("reverie-adapter").FullName;
        try
        {
            float[] whole = Values(_adapter);
            _adapter.Save(Path.Combine(folder, "whole"), new Lineage { Name = "whole", Version = "1" });
            _adapter.Round();
            float[] rounded = Values(_adapter);
            Assert.All(whole.Zip(rounded), v => Assert.InRange(v.Second - v.First, -MathF.Abs(v.First) / 256, MathF.Abs(v.First) / 256));
            Assert.NotEqual(whole, rounded);
            _adapter.Save(Path.Combine(folder, "rounded"), new Lineage { Name = "rounded", Version = "1" });
            Assert.Equal(whole, LoadedValues("whole"));
            Assert.Equal(rounded, LoadedValues("rounded"));
            long Data(string name) => new FileInfo(Path.Combine(folder, name, "adapter_model.safetensors")).Length;
            Assert.Equal(whole.Length * 2, Data("whole") - Data("rounded"), 8192.0);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static float[] Values(Adapter adapter) => adapter.Parameters.Values.Span.ToArray();
        float[] LoadedValues(string name)
        {
            using var loaded = Adapter.Load(Path.Combine(folder, name), _model);
            return Values(loaded);
        }
    }

    [Fact]
    public void Composed_adapters_are_those_worn_one_over_the_other() => Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Bool, Gen.ULong[1, 1000]).Sample((rank, other, isWeaker, seed) =>
    {
        using Adapter lower = SmallModels.Adapter(_model, rank, seed), strong = SmallModels.Adapter(_model, other, seed + 1);
        using Adapter upper = strong.Scaled(_model, isWeaker ? 0.3f : 1);
        using Transformer ground = lower.Merged(_model, _kernels);
        ground.Adapter = upper;
        float[] expected = Logits(ground);
        using var both = Adapter.Compose(_model, lower, upper);
        Assert.Equal(rank + other, both.Rank);
        _model.Adapter = both;
        float[] actual = Logits(_model);
        _model.Adapter = null;
        ground.Adapter = null;
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -2e-5f * scale, 2e-5f * scale);

        // Taken away again it is as if it had never been there: the other one alone, but for rounding.
        using Adapter none = lower.Scaled(_model, -1);
        using var left = Adapter.Compose(_model, both, none);
        _model.Adapter = upper;
        expected = Logits(_model);
        _model.Adapter = left;
        actual = Logits(_model);
        _model.Adapter = null;
        for (int i = 0; i < expected.Length; i++) Assert.InRange(actual[i] - expected[i], -2e-5f * scale, 2e-5f * scale);
    }, iter: 20, threads: 1);

    [Fact]
    public void Layers_are_read_as_one_and_the_sampler_reads_them_as_the_trainer_does()
    {
        string root = Directory.CreateTempSubdirectory("reverie-layers").FullName;
        try
        {
            using Adapter upper = SmallModels.Adapter(_model, rank: 3, seed: 5);
            string[] folders = [Path.Combine(root, "lower"), Path.Combine(root, "upper"), Path.Combine(root, "both")];
            _adapter.Save(folders[0], SmallModels.Lineage());
            upper.Save(folders[1], SmallModels.Lineage());
            using var both = Adapter.LoadLayers(folders[..2], _model);
            both.Save(folders[2], SmallModels.Lineage());
            using var again = Adapter.Load(folders[2], _model);
            Assert.Equal(both.Parameters.Values.Span.ToArray(), again.Parameters.Values.Span.ToArray());
            using Transformer merged = both.Merged(_model, _kernels);
            using var generator = new Generator(_model, null, _kernels);
            var request = new GenerationRequest([1, 2, 3], SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [] });
            using var alone = new Generator(merged, null, _kernels);
            Models.Generation worn = generator.RunToEnd([request with { Adapter = both }])[0], expected = alone.RunToEnd([request])[0];
            Assert.Equal(expected.Tokens, worn.Tokens);
            Assert.All(expected.LogProbabilities.ToArray().Zip(worn.LogProbabilities.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
            Assert.Throws<ReverieException>(() => Adapter.Compose(_model));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Fact]
    public void Gradients_of_both_factors_follow_from_those_of_the_merged_weights()
    {
        using Transformer merged = _adapter.Merged(_model, _kernels);
        merged.Parameters.AllocateGradients();
        Backward(merged);
        _model.Adapter = _adapter;
        _model.Parameters.Freeze();
        _adapter.Parameters.AllocateGradients();
        Backward(_model);
        Assert.Null(_model.Parameters.Gradients);
        using var arena = new Arena();
        float scale = _adapter.Alpha / _adapter.Rank;
        foreach (Parameter weight in merged.Parameters.All.Where(p => p.Kind == ParameterKind.Matrix))
        {
            // W = W0 + s B A, so dA = s B^T dW and dB = s dW A^T.
            string name = weight.Name[..^".weight".Length];
            Tensor down = _adapter.Parameters[name + ".lora_A.weight"].Value, up = _adapter.Parameters[name + ".lora_B.weight"].Value;
            Tensor downExpected = arena.Allocate(down.Rows, down.Columns), upExpected = arena.Allocate(up.Rows, up.Columns);
            _kernels.MatMul(up, true, weight.Value.Gradient!, false, downExpected, accumulate: false);
            _kernels.MatMul(weight.Value.Gradient!, false, down, true, upExpected, accumulate: false);
            Close(downExpected, down.Gradient!);
            Close(upExpected, up.Gradient!);
        }

        void Close(Tensor expected, Tensor actual)
        {
            float largest = scale * expected.Span.ToArray().Max(Math.Abs);
            Assert.True(largest > 0);
            for (int i = 0; i < expected.Length; i++) Assert.InRange(actual.Span[i] - scale * expected.Span[i], -1e-4f * largest, 1e-4f * largest);
        }
    }

    [Fact]
    public void Gradients_through_merged_weights_are_those_through_the_factors()
    {
        using Adapter adapter = SmallModels.Adapter(_model, rank: 32);
        _model.Adapter = adapter;
        _model.Parameters.Freeze();
        adapter.Parameters.AllocateGradients();
        Backward(_model);
        float[] factors = adapter.Parameters.Gradients!.Span.ToArray(), values = _model.Parameters.Values.Span.ToArray();
        using var merged = new MergedAdapter(_model, adapter, _kernels);
        Assert.False(merged.Begin(1), "Merging for one token costs more than it saves.");
        for (int step = 0; step < 2; step++)
        {
            _kernels.Clear(adapter.Parameters.Gradients!);
            Assert.True(merged.Begin(1 << 20));
            Backward(_model);
            Assert.All(adapter.Parameters.Gradients!.Span.ToArray(), g => Assert.Equal(0, g));
            merged.End();
            float largest = factors.Max(Math.Abs);
            Assert.All(factors.Zip(adapter.Parameters.Gradients!.Span.ToArray()), g => Assert.InRange(g.Second - g.First, -1e-4f * largest, 1e-4f * largest));
        }

        Assert.Equal(values, _model.Parameters.Values.Span.ToArray());
        _kernels.Clear(adapter.Parameters.Gradients!);
        Backward(_model);
        Assert.Equal(factors, adapter.Parameters.Gradients!.Span.ToArray());
    }

    [Fact]
    public void Log_probabilities_of_the_sampler_are_those_of_the_trainer_with_an_adapter()
    {
        _model.Adapter = _adapter;
        var random = new RandomStream(3, "requests");
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => new GenerationRequest(
            [.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => random.Next(256))], new SamplingOptions { Seed = (ulong)i, MaxTokens = 30, StopTokens = [] }))];
        using var generator = new Generator(_model, null, _kernels);
        IReadOnlyList<Models.Generation> together = generator.RunToEnd(requests), alone = generator.RunToEnd(requests, maxConcurrent: 1);
        generator.WeightsChanged();
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena);
        for (int i = 0; i < requests.Length; i++)
        {
            int[] tokens = [.. requests[i].Prompt, .. together[i].Tokens];
            float[] expected = new float[tokens.Length - 1];
            Tensor hidden = _model.Forward(tape, tokens, expected.Length, [new Segment(0, expected.Length)], 1);
            Ops.TokenLoss(tape, hidden, _model.Head, tokens[1..], null, 0, 1, expected);
            tape.Reset();
            Assert.Equal(expected[(requests[i].Prompt.Length - 1)..], together[i].LogProbabilities);
            Assert.Equal(together[i].Tokens, alone[i].Tokens);
            Assert.Equal(together[i].LogProbabilities, alone[i].LogProbabilities);
        }
    }

    [Fact]
    public void Decoding_forgets_the_layout_of_an_adapter_that_was_taken_off()
    {
        int[] prompt = [1, 2, 3];
        var greedy = new GenerationRequest(prompt, SamplingOptions.Greedy with { MaxTokens = 20, StopTokens = [] });
        using var generator = new Generator(_model, null, _kernels);
        float[] plain = [.. generator.RunToEnd([greedy])[0].LogProbabilities];
        generator.WeightsChanged();
        _model.Adapter = _adapter;
        float[] adapted = [.. generator.RunToEnd([greedy])[0].LogProbabilities];
        _model.Adapter = null;
        generator.WeightsChanged();
        Assert.Equal(plain, generator.RunToEnd([greedy])[0].LogProbabilities);
        generator.WeightsChanged();
        _kernels.Scale(_adapter.Parameters.Values, 0.5f);
        _model.Adapter = _adapter;
        float[] changed = LogProbabilities(_model);
        Assert.NotEqual(plain, adapted);
        using Transformer merged = _adapter.Merged(_model, _kernels);
        Assert.All(LogProbabilities(merged).Zip(changed), pair => Assert.Equal(pair.First, pair.Second, 1e-3));
    }

    [Fact]
    public void Only_a_model_of_its_shape_takes_it()
    {
        using Transformer other = SmallModels.Transformer(SmallModels.Config(layers: 3));
        Assert.Contains("3", Assert.Throws<ReverieException>(() => other.Adapter = _adapter).Message);
        Assert.Throws<ReverieException>(() => _adapter.MergeInto(other, _kernels));
        Assert.Throws<ReverieException>(() => new Adapter(_model, rank: 0));
        Assert.Throws<ReverieException>(() => new Adapter(_model, alpha: float.NaN));
    }

    [Fact]
    public void Parts_of_fused_matrices_are_those_of_the_model()
    {
        foreach (Parameter parameter in _adapter.Parameters.All) Assert.Equal(parameter.Value.Rows, _adapter.Parts(parameter).Sum());
        Assert.Equal([32, 16, 16], _adapter.Parts(_adapter.Parameters["model.layers.1.self_attn.qkv_proj.lora_B.weight"]));
        Assert.Equal([48, 48], _adapter.Parts(_adapter.Parameters["model.layers.0.mlp.gate_up_proj.lora_B.weight"]));
        Assert.Equal([4], _adapter.Parts(_adapter.Parameters["model.layers.0.self_attn.qkv_proj.lora_A.weight"]));
    }

    private static int[] Tokens { get; } = [.. Enumerable.Range(0, 60).Select(i => i * 37 % 256)];

    private static Segment[] Segments { get; } = [new Segment(0, 20), new Segment(20, 40)];

    private float[] LogProbabilities(Transformer model)
    {
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena, recording: false);
        float[] result = new float[Tokens.Length];
        Ops.TokenLoss(tape, model.Forward(tape, Tokens, Tokens.Length, Segments, 2), model.Head, [.. Tokens[1..], 0], null, 0, 1, result);
        return result;
    }

    private float[] Logits(Transformer model)
    {
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena, recording: false);
        return Ops.Linear(tape, model.Forward(tape, Tokens, Tokens.Length, Segments, 2), model.Head).Span.ToArray();
    }

    private void Backward(Transformer model)
    {
        using var arena = new Arena();
        var tape = new Tape(_kernels, arena);
        Tensor hidden = model.Forward(tape, Tokens, Tokens.Length, Segments, 2);
        Ops.TokenLoss(tape, hidden, model.Head, [.. Tokens[1..], 0], new TokenWeights { Ce = [.. Enumerable.Repeat(1f, Tokens.Length)] }, 0, 0.1f, new float[Tokens.Length]);
        tape.Backward();
    }
}
