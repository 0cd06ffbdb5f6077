using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// How Hugging Face names the weights of a <see cref="Transformer"/>: its fused matrices are rows of ours, so that both
/// ways are views and copy nothing.
/// </summary>
internal static class WeightLayout
{
    /// <summary>A tensor of the file and the rows of the parameter that it fills.</summary>
    /// <param name="Name">Name in the file.</param>
    /// <param name="Rows">Rows; 1 for a gain.</param>
    /// <param name="Columns">Columns.</param>
    /// <param name="IsVector">Whether the file gives it one dimension.</param>
    /// <param name="Parameter">Name in <see cref="Transformer.Parameters"/>.</param>
    /// <param name="Start">First row in the parameter.</param>
    public readonly record struct Slice(string Name, long Rows, long Columns, bool IsVector, string Parameter, long Start)
    {
        /// <summary>The values, over the parameter's memory.</summary>
        public Tensor Of(Transformer transformer) => transformer.Parameters[Parameter].Value.View((int)Start, (int)Rows);

        /// <summary>The shape as the file has it.</summary>
        public string ShapeText => IsVector ? $"({Columns})" : $"({Rows}, {Columns})";

        /// <summary>Whether the file's tensor has this shape.</summary>
        public bool Fits(SafeTensorsEntry entry) => IsVector
            ? entry.Shape is [long only] && only == Columns
            : entry.Shape is [long rows, long columns] && rows == Rows && columns == Columns;
    }

    /// <summary>All tensors of a file, in its order. Lazy and in 64 bits: the shape may come from a hostile config.</summary>
    public static IEnumerable<Slice> Slices(TransformerConfig config)
    {
        long queries = (long)config.Heads * config.HeadDimension, keys = (long)config.KeyValueHeads * config.HeadDimension;
        yield return Whole("model.embed_tokens.weight", config.VocabularySize, config.Width);
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.", fused = prefix + "self_attn.qkv_proj.weight", gateUp = prefix + "mlp.gate_up_proj.weight";
            yield return Gain(prefix + "input_layernorm.weight", config.Width);
            yield return new Slice(prefix + "self_attn.q_proj.weight", queries, config.Width, false, fused, 0);
            yield return new Slice(prefix + "self_attn.k_proj.weight", keys, config.Width, false, fused, queries);
            yield return new Slice(prefix + "self_attn.v_proj.weight", keys, config.Width, false, fused, queries + keys);
            if (config.QueryKeyNorm)
            {
                yield return Gain(prefix + "self_attn.q_norm.weight", config.HeadDimension);
                yield return Gain(prefix + "self_attn.k_norm.weight", config.HeadDimension);
            }

            yield return Whole(prefix + "self_attn.o_proj.weight", config.Width, queries);
            yield return Gain(prefix + "post_attention_layernorm.weight", config.Width);
            yield return new Slice(prefix + "mlp.gate_proj.weight", config.FeedForward, config.Width, false, gateUp, 0);
            yield return new Slice(prefix + "mlp.up_proj.weight", config.FeedForward, config.Width, false, gateUp, config.FeedForward);
            yield return Whole(prefix + "mlp.down_proj.weight", config.Width, config.FeedForward);
        }

        yield return Gain("model.norm.weight", config.Width);
        if (!config.TiedEmbeddings) yield return Whole("lm_head.weight", config.VocabularySize, config.Width);
    }

    /// <summary>Writes all weights of a model.</summary>
    public static void Write(Stream stream, Transformer transformer) =>
        SafeTensorsWriter.Write(stream, [.. Slices(transformer.Config).Select(s => (s.Name, s.Of(transformer), s.IsVector))]);

    /// <summary>Makes the model of a config from a file. Everything is compared with the config before memory is taken for it.</summary>
    /// <exception cref="ReverieException">A tensor is missing, has the wrong shape or is unknown, or a number is not finite.</exception>
    public static Transformer Read(SafeTensorsReader file, TransformerConfig config)
    {
        var known = new HashSet<string>();
        foreach (Slice slice in Slices(config))
        {
            SafeTensorsEntry entry = file.Find(slice.Name) ?? throw file.Broken($"tensor {slice.Name} is missing, which config.json asks for with shape {slice.ShapeText}");
            if (!slice.Fits(entry)) throw file.Broken($"tensor {slice.Name} has shape {entry.ShapeText} where config.json asks for {slice.ShapeText}");
            known.Add(slice.Name);
        }

        foreach (SafeTensorsEntry entry in file.Entries)
        {
            // Tied heads and rotary tables are stored twice by some writers; both follow from the rest.
            bool redundant = entry.Name == "lm_head.weight" || entry.Name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);
            if (!redundant && !known.Contains(entry.Name)) throw file.Broken($"tensor {SafeTensorsHeader.Printable(entry.Name)} has no place in the model that config.json describes");
        }

        var transformer = new Transformer(config);
        try
        {
            foreach (Slice slice in Slices(config)) file.Read(file.Find(slice.Name)!, slice.Of(transformer));
            return transformer;
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    private static Slice Whole(string name, long rows, long columns) => new(name, rows, columns, false, name, 0);

    private static Slice Gain(string name, long columns) => new(name, 1, columns, true, name, 0);
}
