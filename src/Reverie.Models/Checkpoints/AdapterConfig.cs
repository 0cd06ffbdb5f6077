using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The settings of an adapter in PEFT's layout: <c>adapter_config.json</c> (huggingface.co/docs/peft, LoraConfig).</summary>
internal sealed class AdapterConfig
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "adapter_config.json";

    private const int MaximumRank = 1 << 16;

    private readonly JsonFields _fields;
    private readonly AdapterPart _default;
    private readonly IReadOnlyDictionary<string, double> _ranks, _alphas;
    private readonly IReadOnlyList<string> _targets;

    /// <summary>Reads a file.</summary>
    /// <exception cref="ReverieException">It is damaged, or asks for what an <see cref="Adapter"/> cannot do.</exception>
    public AdapterConfig(string path)
    {
        _fields = JsonFields.Read(path);
        string type = _fields.Text("peft_type");
        if (type != "LORA") throw _fields.Broken($"its peft_type is {SafeTensorsHeader.Printable(type)}, where LORA is expected");
        if (_fields.Text("bias", "none") != "none") throw _fields.Broken("it trains biases, which Reverie's models do not have");
        foreach (string option in new[] { "fan_in_fan_out", "use_dora", "lora_bias" })
            if (_fields.Flag(option, false)) throw _fields.Broken($"it sets {option}, which Reverie's adapters do not have");
        foreach (string option in new[] { "layer_replication", "alora_invocation_tokens", "trainable_token_indices" })
            if (_fields.Has(option)) throw _fields.Broken($"it sets {option}, which Reverie's adapters do not have");
        if (_fields.Texts("modules_to_save").Count > 0) throw _fields.Broken("it keeps whole modules (modules_to_save), which Reverie's adapters do not have; merge the adapter into its model with PEFT");
        IsRankStabilized = _fields.Flag("use_rslora", false);
        _default = Checked(_fields.Integer("r"), _fields.Number("lora_alpha"));
        (_ranks, _alphas) = (_fields.Numbers("rank_pattern"), _fields.Numbers("alpha_pattern"));
        foreach (string key in _ranks.Keys.Concat(_alphas.Keys))
            if (!key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_')) throw _fields.Broken($"its pattern {SafeTensorsHeader.Printable(key)} is an expression, where the name of a module is expected");

        // Which layers have an addition is told by the tensors; a list of plain names also tells what must be there.
        bool partial = _fields.Has("layers_to_transform") || _fields.Has("layers_pattern") || _fields.Has("exclude_modules");
        _targets = partial || !_fields.IsList("target_modules") ? [] : _fields.Texts("target_modules");
    }

    /// <summary>r where no pattern says otherwise.</summary>
    public int Rank => _default.Rank;

    /// <summary>lora_alpha where no pattern says otherwise.</summary>
    public float Alpha => _default.Alpha;

    /// <summary>use_rslora.</summary>
    public bool IsRankStabilized { get; }

    /// <summary>Rank and alpha of a module such as <c>model.layers.0.self_attn.q_proj</c>.</summary>
    public AdapterPart Of(string module)
    {
        double? rank = Matching(_ranks, module), alpha = Matching(_alphas, module);
        if (rank is { } r && r != Math.Floor(r)) throw _fields.Broken($"its rank {r} is no whole number");
        return rank is null && alpha is null ? _default : Checked(rank ?? _default.Rank, alpha ?? _default.Alpha);
    }

    /// <summary>Whether the file says that a module has an addition.</summary>
    public bool Names(string module) => _targets.Any(t => Matches(t, module));

    /// <summary>The failure that names the file and its fault.</summary>
    public ReverieException Broken(string fault) => _fields.Broken(fault);

    /// <summary>Writes the settings of an adapter.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="modules">Every module with an addition, as <see cref="Of"/> has them.</param>
    /// <param name="targets">What to name them by.</param>
    /// <param name="baseModel">Name or folder of the model, for PEFT; null where there is none.</param>
    public static void Write(Stream stream, Adapter adapter, IReadOnlyList<(string Module, AdapterPart Part)> modules, IEnumerable<string> targets, string? baseModel)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteString("peft_type", "LORA");
        json.WriteString("task_type", "CAUSAL_LM");
        json.WriteString("base_model_name_or_path", baseModel);
        json.WriteNumber("r", adapter.Rank);
        json.WriteNumber("lora_alpha", adapter.Alpha);
        json.WriteNumber("lora_dropout", 0);
        json.WriteStartArray("target_modules");
        foreach (string target in targets) json.WriteStringValue(target);
        json.WriteEndArray();
        WritePattern(json, "rank_pattern", modules.Where(m => m.Part.Rank != adapter.Rank).Select(m => (m.Module, (float)m.Part.Rank)));
        WritePattern(json, "alpha_pattern", modules.Where(m => m.Part.Alpha != adapter.Alpha).Select(m => (m.Module, m.Part.Alpha)));
        json.WriteString("bias", "none");
        json.WriteBoolean("fan_in_fan_out", false);
        json.WriteBoolean("inference_mode", true);
        json.WriteBoolean("init_lora_weights", true);
        json.WriteBoolean("use_rslora", adapter.IsRankStabilized);
        json.WriteBoolean("use_dora", false);
        json.WriteNull("modules_to_save");
        json.WriteEndObject();
    }

    private static void WritePattern(Utf8JsonWriter json, string name, IEnumerable<(string Module, float Value)> values)
    {
        json.WriteStartObject(name);
        foreach ((string module, float value) in values) json.WriteNumber(module, value);
        json.WriteEndObject();
    }

    private static double? Matching(IReadOnlyDictionary<string, double> pattern, string module)
    {
        foreach ((string key, double value) in pattern)
            if (Matches(key, module)) return value;
        return null;
    }

    private static bool Matches(string name, string module) => module == name || module.EndsWith("." + name, StringComparison.Ordinal);

    private AdapterPart Checked(double rank, double alpha) => rank is >= 1 and <= MaximumRank && float.IsFinite((float)alpha) && alpha > 0
        ? new AdapterPart((int)rank, (float)alpha)
        : throw _fields.Broken($"its r {rank} or lora_alpha {alpha} makes no sense");
}
