using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Weights that nobody trained, drawn row by row as they are written, so that a model larger than the memory can be made. Gains are one,
/// token table and head have deviation 0.02, matrices 1/sqrt(inputs), those that write into the residual stream 1/sqrt(2 layers) of that (GPT-2).
/// </summary>
internal static class RandomWeights
{
    private const float TableDeviation = 0.02f;

    /// <summary>The weights of a shape; the same seed gives the same ones in any order and on any number of threads.</summary>
    public static IReadOnlyList<SavedWeight> Of(TransformerConfig config, ulong seed, WeightType type) =>
        [.. WeightLayout.Slices(config).Select(slice => new SavedWeight(slice.Name, (int)slice.Rows, (int)slice.Columns, slice.IsVector, type, (row, values) => Fill(config, slice, seed, row, values)))];

    private static void Fill(TransformerConfig config, WeightLayout.Slice slice, ulong seed, int row, Span<float> values)
    {
        if (slice.IsVector)
        {
            values.Fill(slice.Name.EndsWith(".bias", StringComparison.Ordinal) ? 0 : 1);
            return;
        }

        var random = new RandomStream(seed, $"{slice.Name}:{row}");
        bool isTable = !slice.Name.StartsWith("model.layers.", StringComparison.Ordinal);
        bool writesToStream = slice.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || slice.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
        float deviation = isTable ? TableDeviation : 1 / MathF.Sqrt(slice.Columns * (writesToStream ? 2f * config.Layers : 1));
        foreach (ref float value in values) value = deviation * (float)random.NextGaussian();
    }
}
