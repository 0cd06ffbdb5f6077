using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// <c>config.json</c> as transformers, vLLM and llama.cpp's converter read it. Both <c>rope_theta</c> and
/// <c>rope_parameters</c>, both <c>torch_dtype</c> and <c>dtype</c> are written: old and new readers want different ones.
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
        json.WriteString("rope_type", "default");
        json.WriteNumber("rope_theta", config.RopeTheta);
        json.WriteEndObject();
        if (family != "llama") json.WriteBoolean("use_sliding_window", false);
        json.WriteBoolean("tie_word_embeddings", config.TiedEmbeddings);
        WriteTokenIds(json, tokenizer);
        json.WriteNumber("initializer_range", 0.02);
        json.WriteString("torch_dtype", NameOf(type));
        json.WriteString("dtype", NameOf(type));
        json.WriteBoolean("use_cache", true);
        json.WriteEndObject();
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

        JsonFields? rope = fields.Object("rope_parameters"), scaling = fields.Object("rope_scaling");
        foreach (JsonFields? part in new[] { rope, scaling })
        {
            string type = part?.Text("rope_type", part.Value.Text("type", "default")) ?? "default";
            if (type != "default") throw fields.Broken($"its rotary positions are of type {SafeTensorsHeader.Printable(type)}, where default is expected");
        }

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
            NormEpsilon = (float)fields.Number("rms_norm_eps", 1e-6),
            TiedEmbeddings = fields.Flag("tie_word_embeddings", false),
            QueryKeyNorm = qwen,
            AttentionBias = biased,
        }.Validate();
    }
}
