using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Several adapters as one.</summary>
public sealed partial class Adapter
{
    /// <summary>
    /// One adapter that does what several do together. Low-rank additions add: the A of all stand one above the other and their B side by side, with the
    /// scales in B, so that s1 B1 A1 + s2 B2 A2 = [s1 B1, s2 B2] [A1; A2]. The rank is the sum of theirs.
    /// </summary>
    /// <param name="model">The model that they were made for.</param>
    /// <param name="adapters">One or more; they stay as they are.</param>
    /// <returns>An adapter of its own; the caller owns it.</returns>
    /// <exception cref="ReverieException">There is none, or one was made for another shape.</exception>
    public static Adapter Compose(Transformer model, params IReadOnlyList<Adapter> adapters)
    {
        if (adapters.Count == 0) throw new ReverieException("There is no adapter to compose. Name one at least.");
        foreach (Adapter adapter in adapters) adapter.CheckFits(model);
        var additions = model.Parameters.All.Select(p => (Parameter: p, Parts: adapters.Select(a => a.AdditionTo(p.Name)).OfType<LowRank>().ToArray())).Where(p => p.Parts.Length > 0)
            .ToDictionary(p => p.Parameter.Name, p => (p.Parts, Matrices: model.Parts(p.Parameter).Count, Rank: p.Parts.Sum(a => a.Down.Rows)));
        int rank = additions.Values.Max(a => a.Rank);
        // alpha = r leaves the sum as it is.
        var composed = new Adapter(model, rank, rank, false, additions.ToDictionary(a => a.Key, a => new AdapterShape([.. Enumerable.Repeat(new AdapterPart(a.Value.Rank, a.Value.Rank), a.Value.Matrices)], IsShared: true)));
        foreach ((string name, (LowRank[] parts, _, _)) in additions)
        {
            LowRank whole = composed._additions[name];
            int start = 0;
            foreach (LowRank part in parts)
            {
                int own = part.Down.Rows;
                for (int k = 0; k < own; k++) part.Down.Row(k).CopyTo(whole.Down.Row(start + k));
                for (int row = 0; row < part.Up.Rows; row++)
                {
                    Span<float> target = whole.Up.Row(row).Slice(start, own);
                    part.Up.Row(row).CopyTo(target);
                    foreach (ref float value in target) value *= part.Scale;
                }

                start += own;
            }
        }

        return composed;
    }

    /// <summary>Reads the adapters of several folders and composes them, such as <see cref="Workspace.LayersOf"/> names them.</summary>
    /// <param name="folders">One or more.</param>
    /// <param name="model">The model that they are for.</param>
    /// <param name="modelId">As <see cref="Load"/> has it.</param>
    /// <exception cref="ReverieException">As there.</exception>
    public static Adapter LoadLayers(IReadOnlyList<string> folders, Transformer model, string? modelId = null)
    {
        if (folders is [var only]) return Load(only, model, modelId);
        var layers = new List<Adapter>();
        try
        {
            foreach (string folder in folders) layers.Add(Load(folder, model, modelId));
            return Compose(model, layers);
        }
        finally
        {
            foreach (Adapter layer in layers) layer.Dispose();
        }
    }
}
