using System.Globalization;
using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Shapes of models that people know, by name: what their config.json says.</summary>
public static partial class ModelShape
{
    private const int HouseContext = 512;

    private static readonly Dictionary<string, TransformerConfig> _known = new()
    {
        ["stories260k"] = Llama(512, 64, 5, 8, 4, 172, 512, tied: true),
        ["smollm2-135m"] = Llama(49152, 576, 30, 9, 3, 1536, 8192, 100_000, tied: true),
        ["smollm2-360m"] = Llama(49152, 960, 32, 15, 5, 2560, 8192, 100_000, tied: true),
        ["smollm2-1.7b"] = Llama(49152, 2048, 24, 32, 32, 8192, 8192, 130_000, tied: true),
        ["tinyllama-1.1b"] = Llama(32000, 2048, 22, 32, 4, 5632, 2048),
        ["llama2-7b"] = Llama(32000, 4096, 32, 32, 32, 11008, 4096),
        ["llama3.2-1b"] = Llama(128256, 2048, 16, 32, 8, 8192, 131072, 500_000, tied: true) with { RopeScaling = new RopeScaling(32, 1, 4, 8192) },
        ["qwen2.5-0.5b"] = Llama(151936, 896, 24, 14, 2, 4864, 32768, 1_000_000, tied: true) with { AttentionBias = true, NormEpsilon = 1e-6f },
        ["qwen3-0.6b"] = Qwen3(1024, 28, 16, 3072),
        ["qwen3-1.7b"] = Qwen3(2048, 28, 16, 6144),
        ["qwen3-4b"] = Qwen3(2560, 36, 32, 9728),
    };

    /// <summary>The names, for messages.</summary>
    public static string Names => string.Join(", ", _known.Keys) + ", house:WIDTH,LAYERS";

    /// <summary>The shape of that name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="vocabulary">Tokens in place of the shape's own; the house's shape has as many as <paramref name="otherwise"/> says.</param>
    /// <param name="otherwise">Tokens where the shape has no number of its own.</param>
    /// <exception cref="ReverieException">There is none, or it cannot be.</exception>
    public static TransformerConfig Find(string name, int? vocabulary, int otherwise)
    {
        if (_known.TryGetValue(name.ToLowerInvariant(), out TransformerConfig? config)) return (vocabulary is int v ? config with { VocabularySize = v } : config).Validate();
        Match match = House().Match(name);
        if (!match.Success || !int.TryParse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture, out int width) || !int.TryParse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture, out int layers) || width < 16)
            throw new ReverieException($"There is no shape {SafeTensorsHeader.Printable(name)}. There are: {Names}.");
        return TransformerConfig.ForWidth(width, layers, vocabulary ?? otherwise, HouseContext).Validate();
    }

    private static TransformerConfig Llama(int vocabulary, int width, int layers, int heads, int keyValueHeads, int feedForward, int context, float theta = 10_000, bool tied = false) => new()
    {
        VocabularySize = vocabulary,
        Width = width,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadDimension = width / heads,
        FeedForward = feedForward,
        ContextLength = context,
        RopeTheta = theta,
        NormEpsilon = 1e-5f,
        TiedEmbeddings = tied,
        QueryKeyNorm = false,
    };

    private static TransformerConfig Qwen3(int width, int layers, int heads, int feedForward) => new()
    {
        VocabularySize = 151936,
        Width = width,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = 8,
        HeadDimension = 128,
        FeedForward = feedForward,
        ContextLength = 40960,
        RopeTheta = 1_000_000,
        TiedEmbeddings = true,
    };

    [GeneratedRegex(@"^house:(\d{1,6}),(\d{1,6})$", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex House();
}
