using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Checkpoints;

/// <summary>Adapters as PEFT writes them: an A for each matrix, some matrices without an addition, ranks of their own.</summary>
public sealed class PeftAdapterTests : IDisposable
{
    private const string Weights = "adapter_model.safetensors", Config = "adapter_config.json";

    private readonly string _root = Directory.CreateTempSubdirectory("reverie-peft").FullName;
    private readonly IKernels _kernels = new CpuKernels(2);
    private readonly Transformer _model = SmallModels.Transformer();
    private readonly Arena _arena = new();

    public void Dispose()
    {
        _arena.Dispose();
        _model.Dispose();
        _kernels.Dispose();
        Directory.Delete(_root, recursive: true);
    }

    /// <summary>Writes an adapter and gives its factors by module.</summary>
    private Dictionary<string, (Tensor A, Tensor B)> Write(string folder, string[] targets, Func<string, int> rank, object settings, Func<string, bool>? where = null)
    {
        var factors = new Dictionary<string, (Tensor, Tensor)>();
        var random = new RandomStream(5, "peft");
        foreach (WeightLayout.Slice slice in WeightLayout.Slices(_model.Config))
        {
            string module = slice.Name[..^".weight".Length];
            if (!targets.Any(t => module.EndsWith("." + t, StringComparison.Ordinal)) || where?.Invoke(module) == false) continue;
            Tensor a = _arena.Allocate(rank(module), (int)slice.Columns), b = _arena.Allocate((int)slice.Rows, rank(module));
            foreach (ref float value in a.Span) value = (float)random.NextGaussian();
            foreach (ref float value in b.Span) value = (float)random.NextGaussian();
            factors.Add(module, (a, b));
        }

        Directory.CreateDirectory(Path.Combine(_root, folder));
        using FileStream stream = File.Create(Path.Combine(_root, folder, Weights));
        SafeTensorsWriter.Write(stream, [.. factors.SelectMany(f => new[] { ($"base_model.model.{f.Key}.lora_A.weight", f.Value.Item1, false), ($"base_model.model.{f.Key}.lora_B.weight", f.Value.Item2, false) })]);
        File.WriteAllText(Path.Combine(_root, folder, Config), JsonSerializer.Serialize(settings));
        return factors;
    }

    private Adapter Load(string folder) => Adapter.Load(Path.Combine(_root, folder), _model);

    /// <summary>Compares the merged weights with W + scale B A of each matrix.</summary>
    private void AssertAdds(Adapter adapter, Dictionary<string, (Tensor A, Tensor B)> factors, Func<string, double> scale)
    {
        using Transformer merged = adapter.Merged(_model, _kernels);
        foreach (WeightLayout.Slice slice in WeightLayout.Slices(_model.Config))
        {
            Tensor before = slice.Of(_model), after = slice.Of(merged);
            bool adapted = factors.TryGetValue(slice.Name[..^".weight".Length], out (Tensor A, Tensor B) factor);
            for (int row = 0; row < before.Rows; row++)
            {
                for (int column = 0; column < before.Columns; column++)
                {
                    double expected = before.Row(row)[column];
                    for (int k = 0; adapted && k < factor.A.Rows; k++) expected += scale(slice.Name[..^".weight".Length]) * factor.B.Row(row)[k] * factor.A.Row(k)[column];
                    Assert.Equal(expected, after.Row(row)[column], 1e-4);
                }
            }
        }
    }

    private void AssertSavesAlike(Adapter adapter, string folder)
    {
        string again = Path.Combine(_root, "again");
        adapter.Save(again, SmallModels.Lineage());
        Assert.Equal(File.ReadAllBytes(Path.Combine(_root, folder, Weights)), File.ReadAllBytes(Path.Combine(again, Weights)));
        using var loaded = Adapter.Load(again, _model);
        Assert.Equal((adapter.Rank, adapter.Alpha, adapter.IsRankStabilized), (loaded.Rank, loaded.Alpha, loaded.IsRankStabilized));
        Assert.Equal(adapter.Parameters.All.Select(p => p.Name), loaded.Parameters.All.Select(p => p.Name));
        Assert.True(adapter.Parameters.Values.Span.SequenceEqual(loaded.Parameters.Values.Span));
    }

    [Fact]
    public void An_A_for_each_matrix_is_kept()
    {
        string[] targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];
        Dictionary<string, (Tensor, Tensor)> factors = Write("all", targets, _ => 3, new { peft_type = "LORA", r = 3, lora_alpha = 6, target_modules = targets });
        using Adapter adapter = Load("all");
        Assert.Equal(9, adapter.Parameters["model.layers.0.self_attn.qkv_proj.lora_A.weight"].Value.Rows);
        AssertAdds(adapter, factors, _ => 2);
        AssertSavesAlike(adapter, "all");
    }

    [Fact]
    public void Only_some_matrices_may_have_an_addition()
    {
        Dictionary<string, (Tensor, Tensor)> factors = Write("some", ["q_proj", "v_proj"], _ => 4, new { peft_type = "LORA", r = 4, lora_alpha = 4, target_modules = new[] { "q_proj", "v_proj" } });
        using Adapter adapter = Load("some");
        Assert.Equal(4, adapter.Parameters.All.Count);
        AssertAdds(adapter, factors, _ => 1);
        AssertSavesAlike(adapter, "some");
        Assert.Equal(["q_proj", "v_proj"], JsonDocument.Parse(File.ReadAllText(Path.Combine(_root, "again", Config))).RootElement.GetProperty("target_modules").EnumerateArray().Select(m => m.GetString()!));
    }

    [Fact]
    public void Only_some_layers_may_have_an_addition()
    {
        Dictionary<string, (Tensor, Tensor)> factors = Write("layer", ["down_proj", "k_proj"], _ => 2, new { peft_type = "LORA", r = 2, lora_alpha = 8, target_modules = new[] { "down_proj", "k_proj" }, layers_to_transform = new[] { 1 } },
            module => module.Contains("layers.1.", StringComparison.Ordinal));
        using Adapter adapter = Load("layer");
        AssertAdds(adapter, factors, _ => 4);
        AssertSavesAlike(adapter, "layer");
    }

    [Fact]
    public void Ranks_and_strengths_may_differ_and_be_divided_by_the_root()
    {
        int Rank(string module) => module.EndsWith("down_proj", StringComparison.Ordinal) ? 5 : module.EndsWith("layers.1.self_attn.o_proj", StringComparison.Ordinal) ? 1 : 2;
        Dictionary<string, (Tensor, Tensor)> factors = Write("ranks", ["o_proj", "down_proj", "q_proj"], Rank, new
        {
            peft_type = "LORA",
            r = 2,
            lora_alpha = 3,
            use_rslora = true,
            target_modules = ".*proj",
            rank_pattern = new Dictionary<string, int> { ["down_proj"] = 5, ["model.layers.1.self_attn.o_proj"] = 1 },
            alpha_pattern = new Dictionary<string, int> { ["down_proj"] = 7 },
        });
        using Adapter adapter = Load("ranks");
        AssertAdds(adapter, factors, module => (module.EndsWith("down_proj", StringComparison.Ordinal) ? 7 : 3) / Math.Sqrt(Rank(module)));
        AssertSavesAlike(adapter, "ranks");
    }

    [Fact]
    public void Parts_of_one_fused_matrix_may_have_ranks_of_one_strength()
    {
        int Rank(string module) => module.EndsWith("q_proj", StringComparison.Ordinal) ? 4 : 2;
        Dictionary<string, (Tensor, Tensor)> factors = Write("parts", ["q_proj", "k_proj"], Rank, new
        {
            peft_type = "LORA",
            r = 2,
            lora_alpha = 3,
            target_modules = new[] { "q_proj", "k_proj" },
            rank_pattern = new { q_proj = 4 },
            alpha_pattern = new { q_proj = 6 },
        });
        using Adapter adapter = Load("parts");
        Assert.Equal(6, adapter.Parameters["model.layers.0.self_attn.qkv_proj.lora_A.weight"].Value.Rows);
        AssertAdds(adapter, factors, _ => 1.5);
        AssertSavesAlike(adapter, "parts");
    }

    [Fact]
    public void Equal_A_of_one_fused_matrix_become_one()
    {
        string[] targets = ["gate_proj", "up_proj"];
        Write("equal", targets, _ => 3, new { peft_type = "LORA", r = 3, lora_alpha = 6, target_modules = targets });
        using Adapter stacked = Load("equal");
        foreach (Parameter parameter in stacked.Parameters.All.Where(p => p.Name.EndsWith("lora_A.weight", StringComparison.Ordinal)))
            parameter.Value.Span[..(3 * 32)].CopyTo(parameter.Value.Span[(3 * 32)..]);
        stacked.Save(Path.Combine(_root, "same"), SmallModels.Lineage());
        using Adapter shared = Load("same");
        Assert.Equal(3, shared.Parameters["model.layers.0.mlp.gate_up_proj.lora_A.weight"].Value.Rows);
        AssertSavesAlike(shared, "same");
    }

    [Fact]
    public void Training_that_fills_the_zeros_of_B_is_not_lost()
    {
        string[] targets = ["q_proj", "v_proj"];
        Write("trained", targets, _ => 2, new { peft_type = "LORA", r = 2, lora_alpha = 2, target_modules = targets });
        using Adapter adapter = Load("trained");
        Tensor up = adapter.Parameters["model.layers.1.self_attn.qkv_proj.lora_B.weight"].Value;
        up.Row(0)[3] = 1.5f;
        up.Row(35)[0] = 0.5f;
        adapter.Save(Path.Combine(_root, "wide"), SmallModels.Lineage());
        using Adapter loaded = Load("wide");
        using Transformer expected = adapter.Merged(_model, _kernels), actual = loaded.Merged(_model, _kernels);
        foreach ((Parameter one, Parameter two) in expected.Parameters.All.Zip(actual.Parameters.All))
            for (int i = 0; i < one.Value.Length; i++) Assert.Equal(one.Value.Span[i], two.Value.Span[i], 1e-5);
    }

    [Theory]
    [InlineData(WeightType.BF16)]
    [InlineData(WeightType.F16)]
    public void Factors_in_16_bits_are_widened(WeightType type)
    {
        using Adapter adapter = SmallModels.Adapter(_model);
        adapter.Save(Path.Combine(_root, "narrow"), SmallModels.Lineage());
        File.Delete(Path.Combine(_root, "narrow", Lineage.FileName));
        using (FileStream stream = File.Create(Path.Combine(_root, "narrow", Weights)))
            SafeTensorsWriter.Write(stream, [.. AdapterLayout.Matrices(adapter, _arena).SelectMany(m => new[]
            {
                SavedWeight.Of($"base_model.model.{m.Module}.lora_A.weight", m.Down, type: type),
                SavedWeight.Of($"base_model.model.{m.Module}.lora_B.weight", m.Up, type: type),
            })]);
        using Adapter loaded = Load("narrow");
        for (int i = 0; i < adapter.Parameters.Values.Length; i++) Assert.Equal(adapter.Parameters.Values.Span[i], loaded.Parameters.Values.Span[i], 0.02);
    }
}
