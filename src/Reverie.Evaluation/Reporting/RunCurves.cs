using System.Text.Json;

namespace Reverie.Evaluation;

/// <summary>Gathers the lines of <c>metrics.jsonl</c> into curves.</summary>
internal sealed class RunCurves
{
    /// <summary>The stage whose figures are drawn over its own steps.</summary>
    public const string Reinforcement = "rl";

    /// <summary>What a key of bits per byte on held-out text begins with.</summary>
    public const string HeldOut = "held_out/";

    private const int MaximumPoints = 400;
    private static readonly string[] _learning = ["loss", "bits_per_byte", "gradient_norm", "learning_rate", "tokens_per_second", "gflops"];

    // Episodes that are counted; as shares they can be read without knowing how many there were.
    private static readonly string[] _counts = ["truncated", "out_of_turns", "failed"];

    private readonly SortedDictionary<string, Points> _learn = new(StringComparer.Ordinal), _reinforce = new(StringComparer.Ordinal);
    private readonly List<LearningSample> _samples = [];
    private double _tokens;
    private long? _firstReinforced;

    /// <summary>Gathers all lines, in their order.</summary>
    public RunCurves(IEnumerable<JsonElement> lines)
    {
        foreach (JsonElement line in lines) Add(line);
    }

    /// <summary>Curves over tokens seen.</summary>
    public IReadOnlyList<Curve> Learning => [.. _learn.Select(c => c.Value.ToCurve(c.Key))];

    /// <summary>Curves over the steps of reinforcement learning.</summary>
    public IReadOnlyList<Curve> Reinforced => [.. _reinforce.Select(c => c.Value.ToCurve(c.Key))];

    /// <summary>What the model said.</summary>
    public IReadOnlyList<LearningSample> Samples => _samples;

    /// <summary>Whether a line can be used: an object with a step, whose texts are Unicode.</summary>
    public static bool IsWhole(JsonElement line)
    {
        try
        {
            return line.ValueKind == JsonValueKind.Object && line.EnumerateObject().All(p => p.Name.Length > 0 && (p.Value.ValueKind != JsonValueKind.String || p.Value.GetString() is not null))
                && line.TryGetProperty("step", out JsonElement step) && step.ValueKind == JsonValueKind.Number && step.TryGetInt64(out _);
        }
        catch (InvalidOperationException)
        {
            // An escaped half of a surrogate pair.
            return false;
        }
    }

    private void Add(JsonElement line)
    {
        long step = line.GetProperty("step").GetInt64();
        string stage = Text(line, "stage") ?? "";
        bool reinforced = stage == Reinforcement;
        if (reinforced) _firstReinforced ??= step;
        else if (line.TryGetProperty("loss", out _) && Number(line, "tokens") is { } tokens) _tokens += tokens;
        double rollouts = Number(line, "rollouts") ?? 0;
        if (Text(line, "sample") is { } sample) _samples.Add(new LearningSample(step, stage, sample));
        foreach (JsonProperty property in line.EnumerateObject())
        {
            string name = reinforced && property.Name == "seconds" ? "train_seconds" : property.Name;
            if (name is "step" or "stage" || Finite(property.Value) is not { } value) continue;
            if (name.StartsWith(HeldOut, StringComparison.Ordinal) || (!reinforced && _learning.Contains(name))) Of(_learn, name).Add(step, _tokens, value);
            else if (reinforced) Of(_reinforce, name).Add(step, step - _firstReinforced!.Value + 1, _counts.Contains(name) && rollouts > 0 ? value / rollouts : value);
        }
    }

    private static Points Of(SortedDictionary<string, Points> curves, string name) => curves.TryGetValue(name, out Points? points) ? points : curves[name] = new Points();

    private static string? Text(JsonElement line, string name) => line.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static double? Number(JsonElement line, string name) => line.TryGetProperty(name, out JsonElement value) ? Finite(value) : null;

    private static double? Finite(JsonElement value) => value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()) ? value.GetDouble() : null;

    private sealed class Points
    {
        private readonly List<(double Step, double X, double Value)> _points = [];

        public void Add(double step, double x, double value) => _points.Add((step, x, value));

        /// <summary>Long curves are thinned to the means (of maxima: the maxima) of neighbours, for no screen shows more.</summary>
        public Curve ToCurve(string name)
        {
            Func<IEnumerable<double>, double> together = name.StartsWith("max_", StringComparison.Ordinal) ? Enumerable.Max : Enumerable.Average;
            int bucket = (_points.Count + MaximumPoints - 1) / MaximumPoints;
            (double Step, double X, double Value)[] points = [.. _points.Chunk(Math.Max(1, bucket)).Select(c => (c[^1].Step, c.Average(p => p.X), together(c.Select(p => p.Value))))];
            return new Curve(name, [.. points.Select(p => p.Step)], [.. points.Select(p => p.X)], [.. points.Select(p => p.Value)]);
        }
    }
}
