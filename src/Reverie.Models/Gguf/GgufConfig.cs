using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The keys of a GGUF file that describe the shape of a model.</summary>
internal static class GgufConfig
{
    /// <summary>The arch without norms of queries and keys, whose rotary rows stand interleaved.</summary>
    public const string Llama = "llama";

    /// <summary>The arch with them, whose rows stand as Hugging Face has them.</summary>
    public const string Qwen3 = "qwen3";

    /// <summary>The arch with biases in place of norms.</summary>
    public const string Qwen2 = "qwen2";

    // Llama 3's constants, where a file has only the divisors.
    private const float LowFrequencyFactor = 1, HighFrequencyFactor = 4;
    private const int OriginalContext = 8192;

    /// <summary>Width of a head.</summary>
    /// <exception cref="ReverieException">A key is missing or impossible; so with <see cref="Read"/>.</exception>
    public static int HeadDimension(GgufFile file)
    {
        GgufMetadata keys = file.Metadata;
        string arch = file.Architecture;
        int heads = keys.Integer($"{arch}.attention.head_count"), length = keys.Integer($"{arch}.attention.key_length", keys.Integer($"{arch}.embedding_length") / Math.Max(1, heads));
        return length >= 1 ? length : throw file.Broken($"its heads have the width {length}");
    }

    /// <summary>Reads the shape.</summary>
    public static TransformerConfig Read(GgufFile file)
    {
        GgufMetadata keys = file.Metadata;
        string arch = file.Architecture;
        if (keys.Text("general.type", "model") != "model") throw file.Broken($"it holds a {SafeTensorsHeader.Printable(keys.Text("general.type"))} and no model");
        if (keys.Integer("split.count", 1) > 1) throw file.Broken("it is one part of a split model: join the parts first, with llama.cpp's gguf-split --merge");
        if (arch is not (Qwen3 or Qwen2 or Llama)) throw file.Broken($"its architecture is {SafeTensorsHeader.Printable(arch)}, where {Qwen3}, {Qwen2} or {Llama} is expected");
        if (keys.Integer($"{arch}.expert_count", 0) > 0) throw file.Broken("it is a mixture of experts, which Reverie's models are not");
        string scaling = keys.Text($"{arch}.rope.scaling.type", keys[$"{arch}.rope.scaling.factor"] is null && keys[$"{arch}.rope.scale_linear"] is null ? "none" : "linear");
        if (scaling != "none") throw file.Broken($"its rotary positions are scaled by {SafeTensorsHeader.Printable(scaling)}, where none or Llama 3's {GgufNames.RotaryFactors} is expected");
        if (keys.Integer($"{arch}.rope.dimension_count", HeadDimension(file)) != HeadDimension(file)) throw file.Broken("only a part of its heads is rotated");
        if (keys.Integer($"{arch}.attention.value_length", HeadDimension(file)) != HeadDimension(file)) throw file.Broken("its keys and values have different widths");
        GgufTensor table = file.Tensors.FirstOrDefault(t => t.Name == "token_embd.weight") ?? throw file.Broken("it has no tensor token_embd.weight");
        int heads = keys.Integer($"{arch}.attention.head_count");
        float theta = keys.Number($"{arch}.rope.freq_base", 10000);
        var config = new TransformerConfig
        {
            VocabularySize = table.Rows,
            Width = keys.Integer($"{arch}.embedding_length"),
            Layers = keys.Integer($"{arch}.block_count"),
            Heads = heads,
            KeyValueHeads = keys.Integer($"{arch}.attention.head_count_kv", heads),
            HeadDimension = HeadDimension(file),
            FeedForward = keys.Integer($"{arch}.feed_forward_length"),
            ContextLength = keys.Integer($"{arch}.context_length"),
            RopeTheta = theta,
            RopeScaling = Scaling(file, arch, theta, HeadDimension(file)),
            NormEpsilon = keys.Number($"{arch}.attention.layer_norm_rms_epsilon"),
            TiedEmbeddings = file.Tensors.All(t => t.Name != "output.weight"),
            QueryKeyNorm = arch == Qwen3,
            AttentionBias = arch == Qwen2,
        };
        try
        {
            return config.Validate();
        }
        catch (ReverieException e)
        {
            throw file.Broken(e.Message.Replace(" Check config.json.", "", StringComparison.Ordinal), e);
        }
    }

    /// <summary>The arch of a shape.</summary>
    public static string ArchitectureOf(TransformerConfig config) => config.QueryKeyNorm ? Qwen3 : config.AttentionBias ? Qwen2 : Llama;

    /// <summary>Writes the shape.</summary>
    public static void Write(GgufOutput output, TransformerConfig config, string name, WeightType? type)
    {
        string arch = ArchitectureOf(config);
        output.Text("general.architecture", arch);
        output.Text("general.type", "model");
        output.Text("general.name", name);
        if (type is { } most) output.Integer("general.file_type", FileType(most));
        output.Integer("general.quantization_version", 2);
        output.Integer($"{arch}.vocab_size", config.VocabularySize);
        output.Integer($"{arch}.context_length", config.ContextLength);
        output.Integer($"{arch}.embedding_length", config.Width);
        output.Integer($"{arch}.block_count", config.Layers);
        output.Integer($"{arch}.feed_forward_length", config.FeedForward);
        output.Integer($"{arch}.attention.head_count", config.Heads);
        output.Integer($"{arch}.attention.head_count_kv", config.KeyValueHeads);
        output.Integer($"{arch}.attention.key_length", config.HeadDimension);
        output.Integer($"{arch}.attention.value_length", config.HeadDimension);
        output.Number($"{arch}.attention.layer_norm_rms_epsilon", config.NormEpsilon);
        output.Integer($"{arch}.rope.dimension_count", config.HeadDimension);
        output.Number($"{arch}.rope.freq_base", config.RopeTheta);
        if (config.RopeScaling is not { } scaling) return;
        float[] divisors = scaling.Divisors(config.RopeTheta, config.HeadDimension);
        output.Integer(ContextKey(arch), scaling.OriginalContext);
        output.Number(LowKey(arch), scaling.LowFrequencyFactor);
        output.Number(HighKey(arch), scaling.HighFrequencyFactor);
        output.Tensor(GgufNames.RotaryFactors, WeightType.F32, 1, divisors.Length, true, (_, bytes) => WeightFormat.Encode(WeightType.F32, divisors, bytes));
    }

    /// <summary>llama.cpp's number for a file whose matrices are of that type.</summary>
    private static int FileType(WeightType type) => type switch
    {
        WeightType.F32 => 0,
        WeightType.F16 => 1,
        WeightType.Q8_0 => 7,
        WeightType.Q4_K => 14,
        WeightType.Q6_K => 18,
        _ => 32,
    };

    private static RopeScaling? Scaling(GgufFile file, string arch, float theta, int head)
    {
        if (file.Tensors.FirstOrDefault(t => t.Name == GgufNames.RotaryFactors) is not { } tensor) return null;
        if (tensor.Rows != 1 || tensor.Columns != head / 2) throw file.Broken($"its {GgufNames.RotaryFactors} has {tensor.Rows} x {tensor.Columns} numbers, where {head / 2} are expected");
        float[] divisors = new float[tensor.Columns];
        file.Stored(tensor).Expand(0, divisors);

        // The last is that of the slowest frequency.
        GgufMetadata keys = file.Metadata;
        var scaling = new RopeScaling(
            divisors[^1],
            keys.Number(LowKey(arch), LowFrequencyFactor),
            keys.Number(HighKey(arch), HighFrequencyFactor),
            keys.Integer(ContextKey(arch), OriginalContext));
        if (scaling.OriginalContext < 1 || !(scaling.HighFrequencyFactor > scaling.LowFrequencyFactor) || !(scaling.LowFrequencyFactor > 0) || !scaling.Divisors(theta, head).Zip(divisors).All(p => Math.Abs(p.First - p.Second) <= 1e-4f * p.First))
            throw file.Broken($"its {GgufNames.RotaryFactors} does not follow Llama 3's rule for a context of {scaling.OriginalContext} tokens");
        return scaling;
    }

    private static string ContextKey(string arch) => $"{arch}.rope.scaling.original_context_length";

    private static string LowKey(string arch) => $"{arch}.rope.scaling.low_freq_factor";

    private static string HighKey(string arch) => $"{arch}.rope.scaling.high_freq_factor";
}
