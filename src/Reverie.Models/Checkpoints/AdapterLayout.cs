using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// An <see cref="Adapter"/> on disk as PEFT lays it out (huggingface.co/docs/peft, "PEFT checkpoint format"): each tensor has the name of the
/// weight that it adds to, after <c>base_model.model.</c>, with <c>lora_A</c> or <c>lora_B</c> before <c>weight</c>.
/// </summary>
internal static class AdapterLayout
{
    private const string WeightsFile = "adapter_model.safetensors", ConfigFileName = "adapter_config.json";

    private static readonly string[] _modules = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"];

    /// <summary>Saves an adapter; see <see cref="Adapter.Save"/>.</summary>
    public static Lineage Save(string folder, Adapter adapter, Lineage lineage)
    {
        Checkpoint.CheckFinite(adapter.Parameters, "adapter");
        AtomicFolder.Write(folder, temporary =>
        {
            string At(string file) => Path.Combine(temporary, file);
            AtomicFile.Write(At(WeightsFile), stream => SafeTensorsWriter.Write(stream, [.. Slices(adapter.Config).SelectMany(s => new[]
            {
                (s.Down, adapter.AdditionTo(s.Slice.Parameter)!.Down, false),
                (s.Up, UpOf(adapter, s.Slice), false),
            })]));
            AtomicFile.Write(At(ConfigFileName), stream => WriteConfig(stream, adapter));
            lineage = Checkpoint.SealLineage(temporary, lineage);
        });
        return lineage;
    }

    /// <summary>Reads an adapter; see <see cref="Adapter.Load"/>. Everything is compared before memory is taken for it.</summary>
    public static Adapter Load(string folder, Transformer model, string? modelId, bool verify)
    {
        if (!Directory.Exists(folder)) throw new ReverieException($"There is no adapter at {folder}. Check the path.");
        Lineage? lineage = Checkpoint.ReadLineage(folder);
        if (verify && lineage is not null) Checkpoint.Verify(folder, lineage);
        foreach (string file in new[] { ConfigFileName, WeightsFile })
            if (!File.Exists(Path.Combine(folder, file))) throw new ReverieException($"{folder} is not a whole adapter: it has no {file}. Fetch or save the adapter again.");
        if (lineage?.Parent is string parent && modelId is not null && parent != modelId)
            throw new ReverieException($"The adapter at {folder} was made for the model {Short(parent)}, not for {Short(modelId)}. Take the model that it was trained on.");

        (int rank, float alpha) = ReadConfig(Path.Combine(folder, ConfigFileName));
        using var weights = new SafeTensorsReader(Path.Combine(folder, WeightsFile));
        var known = new HashSet<string>();
        foreach ((WeightLayout.Slice slice, string down, string up) in Slices(model.Config))
        {
            Expect(weights, down, rank, slice.Columns);
            Expect(weights, up, slice.Rows, rank);
            known.Add(down);
            known.Add(up);
        }

        if (weights.Entries.FirstOrDefault(e => !known.Contains(e.Name)) is { } odd)
            throw weights.Broken($"tensor {SafeTensorsHeader.Printable(odd.Name)} has no place in an adapter of this model");
        var adapter = new Adapter(model, rank, alpha);
        try
        {
            Read(weights, adapter);
            return adapter;
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private static void Read(SafeTensorsReader weights, Adapter adapter)
    {
        using var arena = new Arena();
        var first = new Dictionary<string, string>();
        foreach ((WeightLayout.Slice slice, string down, string up) in Slices(adapter.Config))
        {
            weights.Read(weights.Find(up)!, UpOf(adapter, slice));
            Tensor shared = adapter.AdditionTo(slice.Parameter)!.Down;
            if (first.TryAdd(slice.Parameter, down))
            {
                weights.Read(weights.Find(down)!, shared);
                continue;
            }

            Tensor own = arena.Allocate(shared.Rows, shared.Columns);
            weights.Read(weights.Find(down)!, own);
            if (!own.Span.SequenceEqual(shared.Span))
                throw weights.Broken($"tensor {down} differs from {first[slice.Parameter]}, where Reverie's adapters have one for both; merge the adapter into its model with PEFT");
            arena.Reset();
        }
    }

    private static void Expect(SafeTensorsReader weights, string name, long rows, long columns)
    {
        SafeTensorsEntry entry = weights.Find(name) ?? throw weights.Broken($"tensor {name} is missing, which an adapter of this model has with shape ({rows}, {columns})");
        if (entry.Shape is not [long r, long c] || r != rows || c != columns)
            throw weights.Broken($"tensor {name} has shape {entry.ShapeText} where the model and {ConfigFileName} ask for ({rows}, {columns})");
    }

    /// <summary>The weights that have additions, with the names of their two tensors.</summary>
    private static IEnumerable<(WeightLayout.Slice Slice, string Down, string Up)> Slices(TransformerConfig config)
    {
        foreach (WeightLayout.Slice slice in WeightLayout.Slices(config))
        {
            if (!_modules.Any(m => slice.Name.EndsWith($".{m}.weight", StringComparison.Ordinal))) continue;
            string name = "base_model.model." + slice.Name[..^".weight".Length];
            yield return (slice, name + ".lora_A.weight", name + ".lora_B.weight");
        }
    }

    private static Tensor UpOf(Adapter adapter, WeightLayout.Slice slice) => adapter.AdditionTo(slice.Parameter)!.Up.View((int)slice.Start, (int)slice.Rows);

    private static void WriteConfig(Stream stream, Adapter adapter)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("peft_type", "LORA");
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteNull("base_model_name_or_path");
        json.WriteNumber("r", adapter.Rank);
        json.WriteNumber("lora_alpha", adapter.Alpha);
        json.WriteNumber("lora_dropout", 0);
        json.WriteStartArray("target_modules");
        foreach (string module in _modules) json.WriteStringValue(module);
        json.WriteEndArray();
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteBoolean("init_lora_weights", true);
        json.WriteBoolean("use_rslora", false);
        json.WriteBoolean("use_dora", false);
        json.WriteNull("modules_to_save");
        json.WriteEndObject();
    }

    private static (int Rank, float Alpha) ReadConfig(string path)
    {
        JsonFields fields = JsonFields.Read(path);
        string type = fields.Text("peft_type");
        if (type != "LORA") throw fields.Broken($"its peft_type is {SafeTensorsHeader.Printable(type)}, where LORA is expected");
        if (fields.Text("bias", "none") != "none") throw fields.Broken("it trains biases, which Reverie's models do not have");
        foreach (string option in new[] { "fan_in_fan_out", "use_rslora", "use_dora", "lora_bias" })
            if (fields.Flag(option, false)) throw fields.Broken($"it sets {option}, which Reverie's adapters do not have");
        foreach (string pattern in new[] { "rank_pattern", "alpha_pattern" })
            if (fields.Object(pattern) is { IsEmpty: false }) throw fields.Broken($"it sets {pattern}, where Reverie's adapters have one rank and one alpha");
        int rank = fields.Integer("r");
        float alpha = (float)fields.Number("lora_alpha");
        if (rank is < 1 or > 1 << 16 || !float.IsFinite(alpha) || alpha <= 0) throw fields.Broken($"its r {rank} or lora_alpha {alpha} makes no sense");
        return (rank, alpha);
    }

    private static string Short(string id) => SafeTensorsHeader.Printable(id.Length > 12 ? id[..12] : id);
}
