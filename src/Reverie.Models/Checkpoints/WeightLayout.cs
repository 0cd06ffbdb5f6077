using System.Runtime.ExceptionServices;
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
    /// <param name="Start">First row in the parameter; of a vector the first column.</param>
    public readonly record struct Slice(string Name, long Rows, long Columns, bool IsVector, string Parameter, long Start)
    {
        /// <summary>The values, over the parameter's memory.</summary>
        public Tensor Of(Transformer transformer) => IsVector
            ? transformer.Parameters[Parameter].Value.Part((int)Start, (int)Columns)
            : transformer.Parameters[Parameter].Value.View((int)Start, (int)Rows);

        /// <summary>The shape as the file has it.</summary>
        public string ShapeText => IsVector ? $"({Columns})" : $"({Rows}, {Columns})";
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
            if (config.AttentionBias)
            {
                string bias = prefix + "self_attn.qkv_proj.bias";
                yield return new Slice(prefix + "self_attn.q_proj.bias", 1, queries, true, bias, 0);
                yield return new Slice(prefix + "self_attn.k_proj.bias", 1, keys, true, bias, queries);
                yield return new Slice(prefix + "self_attn.v_proj.bias", 1, keys, true, bias, queries + keys);
            }

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

    /// <summary>All weights of a model, to be written in a type.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="type">The type.</param>
    /// <param name="adapter">What is added to the weights; null for nothing.</param>
    public static IReadOnlyList<SavedWeight> Weights(Transformer transformer, WeightType type, Adapter? adapter = null)
    {
        adapter?.CheckFits(transformer);
        return [.. Slices(transformer.Config).Select(slice =>
        {
            SavedWeight weight = slice.IsVector
                ? SavedWeight.Of(slice.Name, slice.Of(transformer), isVector: true, type)
                : SavedWeight.Of(slice.Name, transformer.Parameters[slice.Parameter].Value, false, type, (int)slice.Start, (int)slice.Rows);
            return adapter?.AdditionTo(slice.Parameter) is not { } addition ? weight : weight with
            {
                Fill = (row, values) =>
                {
                    weight.Fill(row, values);
                    addition.AddTo((int)slice.Start + row, values);
                },
            };
        })];
    }

    /// <summary>Reads every weight that stays in its file once.</summary>
    /// <exception cref="ReverieException">A number is NaN or infinite.</exception>
    public static void CheckFinite(Transformer transformer)
    {
        foreach (StoredMatrix stored in transformer.Parameters.All.Select(p => p.Value.Stored).OfType<StoredMatrix>())
        {
            try
            {
                Parallel.For(0, stored.Rows, () => new float[stored.Columns], (row, _, values) =>
                {
                    stored.Expand(row, values);
                    return values;
                }, static _ => { });
            }
            catch (AggregateException e)
            {
                ExceptionDispatchInfo.Throw(e.InnerException!);
            }
        }
    }

    /// <summary>Makes the model of a config from a file. Everything is compared with the config before memory is taken for it.</summary>
    /// <param name="file">Stays open as long as the model lives, unless all becomes float32.</param>
    /// <param name="config">The shape.</param>
    /// <param name="precision">What becomes of the matrices.</param>
    /// <exception cref="ReverieException">A tensor is missing, has the wrong shape or is unknown, or a number is not finite.</exception>
    public static Transformer Read(IWeightFile file, TransformerConfig config, WeightPrecision precision = WeightPrecision.Float32)
    {
        var found = new Dictionary<string, StoredRows>();
        foreach (Slice slice in Slices(config))
        {
            StoredRows rows = file.Rows(slice.Name) ?? throw file.Broken($"tensor {slice.Name} is missing, which the model's config asks for with shape {slice.ShapeText}");
            if (rows.Rows != slice.Rows || rows.Columns != slice.Columns) throw file.Broken($"tensor {slice.Name} has shape ({rows.Rows}, {rows.Columns}) where the model's config asks for {slice.ShapeText}");
            found.Add(slice.Name, rows);
        }

        foreach (string name in file.Names)
        {
            // Tied heads and rotary tables are stored twice by some writers; both follow from the rest.
            bool redundant = name == "lm_head.weight" || name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal);
            if (!redundant && !found.ContainsKey(name)) throw file.Broken($"tensor {SafeTensorsHeader.Printable(name)} has no place in the model that its config describes");
        }

        Func<string, StoredMatrix?>? stored = null;
        if (precision != WeightPrecision.Float32)
        {
            ILookup<string, StoredRows> parts = Slices(config).Where(s => !s.IsVector).ToLookup(s => s.Parameter, s => Narrow(found[s.Name], precision));
            stored = name => parts.Contains(name) ? new StoredMatrix([.. parts[name]]) : null;
        }

        var transformer = new Transformer(config, stored);
        try
        {
            foreach (Slice slice in Slices(config).Where(s => stored is null || s.IsVector))
            {
                Tensor target = slice.Of(transformer);
                for (int row = 0; row < target.Rows; row++) found[slice.Name].Expand(row, target.Row(row));
            }

            return transformer;
        }
        catch
        {
            transformer.Dispose();
            throw;
        }
    }

    private static StoredRows Narrow(StoredRows rows, WeightPrecision precision) => (precision, rows.Type) switch
    {
        (WeightPrecision.BFloat16, WeightType.F32) => rows.As(WeightType.BF16),
        (WeightPrecision.Q8_0, WeightType.F32 or WeightType.F16 or WeightType.BF16) when rows.Columns % WeightFormat.BlockElements(WeightType.Q8_0) == 0 => rows.As(WeightType.Q8_0),
        _ => rows,
    };

    private static Slice Whole(string name, long rows, long columns) => new(name, rows, columns, false, name, 0);

    private static Slice Gain(string name, long columns) => new(name, 1, columns, true, name, 0);
}
