using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// <c>config.json</c> as transformers, vLLM and llama.cpp's converter read it. Both <c>rope_theta</c> and
/// <c>rope_parameters</c> (and <c>rope_scaling</c>), both <c>torch_dtype</c> and <c>dtype</c> are written: old and new readers want different ones.
/// </summary>
internal static class ConfigFile
{
    /// <summary>Writes a config.</summary>
    public static void Write(Stream stream, TransformerConfig config, Tokenizer tokenizer, WeightType type = WeightType.F32)
    {
        string family = config.QueryKeyNorm ? "qwen3" : config.AttentionBias ? "qwen2" : "llama";
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        json.WriteStartObject();
        json.WriteStartArray("architectures");
        json.WriteStringValue(family switch { "qwen3" => "Qwen3ForCausalLM", "qwen2" => "Qwen2ForCausalLM", _ => "LlamaForCausalLM" });
        json.WriteEndArray();
        json.WriteString("model_type", family);
        json.WriteNumber("vocab_size", config.VocabularySize);
        json.WriteNumber("hidden_size", config.Width);
        json.WriteNumber("intermediate_size", config.FeedForward);
        json.WriteNumber("num_hidden_layers", config.Layers);
        json.WriteNumber("num_attention_heads", config.Heads);
        json.WriteNumber("num_key_value_heads", config.KeyValueHeads);
        json.WriteNumber("head_dim", config.HeadDimension);
        json.WriteNumber("max_position_embeddings", config.ContextLength);
        json.WriteString("hidden_act", "silu");
        json.WriteNumber("rms_norm_eps", config.NormEpsilon);
        if (family != "qwen2") json.WriteBoolean("attention_bias", false);
        if (family == "llama") json.WriteBoolean("mlp_bias", false);
        json.WriteNumber("attention_dropout", 0);
        json.WriteNumber("rope_theta", config.RopeTheta);
        json.WriteStartObject("rope_parameters");
        json.WriteNumber("rope_theta", config.RopeTheta);
        WriteScaling(json, config.RopeScaling);
        json.WriteEndObject();
        if (config.RopeScaling is not null)
        {
            json.WriteStartObject("rope_scaling");
            WriteScaling(json, config.RopeScaling);
            json.WriteEndObject();
        }

        if (family != "llama") json.WriteBoolean("use_sliding_window", false);
        json.WriteBoolean("tie_word_embeddings", config.TiedEmbeddings);
        WriteTokenIds(json, tokenizer);
        json.WriteNumber("initializer_range", 0.02);
        json.WriteString("torch_dtype", NameOf(type));
        json.WriteString("dtype", NameOf(type));
        json.WriteBoolean("use_cache", true);
        json.WriteEndObject();
    }

    /// <summary>Writes the config of another folder, with every key that it has, for weights of a type.</summary>
    public static void Copy(string path, Stream stream, WeightType type)
    {
        JsonFields.Read(path);
        JsonObject config = JsonNode.Parse(File.ReadAllBytes(path))!.AsObject();
        foreach (string key in new[] { "torch_dtype", "dtype" })
            if (config.ContainsKey(key) || key == "torch_dtype") config[key] = NameOf(type);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
        config.WriteTo(json);
    }

    /// <summary>A type as PyTorch calls it.</summary>
    public static string NameOf(WeightType type) => type switch
    {
        WeightType.F16 => "float16",
        WeightType.BF16 => "bfloat16",
        _ => "float32",
    };

    /// <summary>The ids that other programs want: where a text begins, where an answer ends, what fills a batch up.</summary>
    public static void WriteTokenIds(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        int? endOfText = tokenizer.DocumentEnd;
        if ((tokenizer.BeginOfText ?? endOfText) is int start) json.WriteNumber("bos_token_id", start);
        if (tokenizer.StopTokens.Count == 0) return;
        json.WriteStartArray("eos_token_id");
        foreach (int end in tokenizer.StopTokens) json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteNumber("pad_token_id", tokenizer.Settings.Padding ?? endOfText ?? tokenizer.StopTokens[0]);
    }

    /// <summary>Reads a config of a dense Qwen3, Qwen2 or Llama model.</summary>
    /// <exception cref="ReverieException">Another architecture, a missing or impossible key: one line that names it.</exception>
    public static TransformerConfig Read(string path)
    {
        JsonFields fields = JsonFields.Read(path);
        IReadOnlyList<string> architectures = fields.Texts("architectures");
        string architecture = architectures.Count > 0 ? architectures[0] : fields.Text("model_type", "none");
        bool qwen = architecture is "Qwen3ForCausalLM" or "qwen3", biased = architecture is "Qwen2ForCausalLM" or "qwen2";
        if (!qwen && !biased && architecture is not ("LlamaForCausalLM" or "llama"))
            throw fields.Broken($"its architecture is {SafeTensorsHeader.Printable(architecture)}, where Qwen3ForCausalLM, Qwen2ForCausalLM or LlamaForCausalLM is expected");

        if (fields.Text("hidden_act", "silu") is not ("silu" or "swish") and string activation)
            throw fields.Broken($"its hidden_act is {SafeTensorsHeader.Printable(activation)}, where silu is expected");
        foreach (string option in new[] { "attention_bias", "mlp_bias", "use_sliding_window" })
            if (fields.Flag(option, false)) throw fields.Broken($"it sets {option}, which Reverie's models do not have; take a model of Qwen3 or Llama without it");

        JsonFields? rope = fields.Object("rope_parameters");
        RopeScaling? scaling = ReadScaling(fields, rope) ?? ReadScaling(fields, fields.Object("rope_scaling"));
        int heads = fields.Integer("num_attention_heads"), width = fields.Integer("hidden_size");
        return new TransformerConfig
        {
            VocabularySize = fields.Integer("vocab_size"),
            Width = width,
            Layers = fields.Integer("num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = fields.Integer("num_key_value_heads", heads),
            HeadDimension = fields.Integer("head_dim", qwen ? 128 : width / Math.Max(heads, 1)),
            FeedForward = fields.Integer("intermediate_size"),
            ContextLength = fields.Integer("max_position_embeddings"),
            RopeTheta = (float)(rope?.Number("rope_theta", fields.Number("rope_theta", 10000)) ?? fields.Number("rope_theta", 10000)),
            RopeScaling = scaling,
            NormEpsilon = (float)fields.Number("rms_norm_eps", 1e-6),
            TiedEmbeddings = fields.Flag("tie_word_embeddings", false),
            QueryKeyNorm = qwen,
            AttentionBias = biased,
        }.Validate();
    }

    private static RopeScaling? ReadScaling(JsonFields fields, JsonFields? part)
    {
        if (part is not { } scaling) return null;
        string type = scaling.Text("rope_type", scaling.Text("type", "default"));
        return type switch
        {
            "default" => null,
            "llama3" => new RopeScaling((float)scaling.Number("factor"), (float)scaling.Number("low_freq_factor"), (float)scaling.Number("high_freq_factor"), scaling.Integer("original_max_position_embeddings")),
            _ => throw fields.Broken($"its rotary positions are of type {SafeTensorsHeader.Printable(type)}, where default or llama3 is expected"),
        };
    }

    private static void WriteScaling(Utf8JsonWriter json, RopeScaling? scaling)
    {
        json.WriteString("rope_type", scaling is null ? "default" : "llama3");
        if (scaling is null) return;
        json.WriteNumber("factor", scaling.Factor);
        json.WriteNumber("low_freq_factor", scaling.LowFrequencyFactor);
        json.WriteNumber("high_freq_factor", scaling.HighFrequencyFactor);
        json.WriteNumber("original_max_position_embeddings", scaling.OriginalContext);
    }
}
