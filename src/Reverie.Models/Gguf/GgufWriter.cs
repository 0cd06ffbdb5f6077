using System.Buffers;
using System.Runtime.InteropServices;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Writes models and adapters as GGUF files that llama.cpp and Ollama open. Files are written atomically.</summary>
public static class GgufWriter
{
    /// <summary>
    /// Writes a model with its vocabulary: arch <c>qwen3</c> where queries and keys are normed, <c>qwen2</c> where they have biases, else <c>llama</c>. Gains are float32. A matrix
    /// whose rows are no whole blocks of the type becomes Q8_0, and where they are none of these either, F16.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="transformer">The weights, in memory or stored; stored ones of the wanted type are copied byte for byte.</param>
    /// <param name="tokenizer">Fits the model's vocabulary, which is filled up with unused tokens.</param>
    /// <param name="type">F32, F16, BF16, Q8_0 or Q4_K; null keeps each weight as it is.</param>
    /// <param name="name">What the model is called.</param>
    /// <param name="chatTemplate">Its Jinja chat template; null for the tokenizer's.</param>
    /// <exception cref="ReverieException">The file cannot be written, or a weight is not finite or does not fit the type: the old file is untouched.</exception>
    public static void Write(string path, Transformer transformer, Tokenizer tokenizer, WeightType? type, string name, string? chatTemplate = null)
    {
        TransformerConfig config = transformer.Config;
        var output = new GgufOutput();
        GgufConfig.Write(output, config, name, type);
        GgufTokenizer.Write(output, tokenizer, config.VocabularySize, chatTemplate);
        foreach (WeightLayout.Slice slice in WeightLayout.Slices(config)) Add(output, path, transformer, slice, type);
        AtomicFile.Write(path, output.Write);
    }

    /// <summary>Writes a LoRA adapter for llama.cpp's <c>--lora</c>.</summary>
    /// <param name="path">The file.</param>
    /// <param name="config">The shape of the model that it is for.</param>
    /// <param name="additions">Its parts, one for each matrix of the model as Hugging Face names them.</param>
    /// <param name="alpha">Strength: llama.cpp scales each addition by alpha / r; where an addition has another scale, its B is scaled for it.</param>
    /// <param name="name">What the adapter is called.</param>
    /// <exception cref="ReverieException">The file cannot be written, or a number is not finite: the old file is untouched.</exception>
    public static void WriteAdapter(string path, TransformerConfig config, IEnumerable<GgufAddition> additions, float alpha, string name)
    {
        var output = new GgufOutput();
        output.Text("general.architecture", GgufConfig.ArchitectureOf(config));
        output.Text("general.type", "adapter");
        output.Text("general.name", name);
        output.Text("adapter.type", "lora");
        output.Number("adapter.lora.alpha", alpha);
        foreach ((string weight, Tensor down, Tensor up, float scale) in additions)
        {
            string its = GgufNames.FromHub(weight);
            int head = InterleavedHead(config, weight);
            float factor = scale * down.Rows / alpha;
            output.Tensor(its + ".lora_a", WeightType.F32, down.Rows, down.Columns, false, (row, bytes) => Encode(path, its, WeightType.F32, down.Row(row), bytes));
            output.Tensor(its + ".lora_b", WeightType.F32, up.Rows, up.Columns, false, (row, bytes) =>
            {
                Span<float> values = MemoryMarshal.Cast<byte, float>(bytes);
                up.Row(OurRow(row, head)).CopyTo(values);
                if (factor != 1)
                    foreach (ref float value in values) value *= factor;
                CheckFinite(path, its, values);
            });
        }

        AtomicFile.Write(path, output.Write);
    }

    private static void Add(GgufOutput output, string path, Transformer transformer, WeightLayout.Slice slice, WeightType? wanted)
    {
        string name = GgufNames.FromHub(slice.Name);
        int columns = (int)slice.Columns, start = (int)slice.Start, head = InterleavedHead(transformer.Config, slice.Name);
        if (slice.IsVector)
        {
            Tensor vector = slice.Of(transformer);
            output.Tensor(name, WeightType.F32, 1, columns, true, (_, bytes) => Encode(path, name, WeightType.F32, vector.Row(0), bytes));
            return;
        }

        Tensor whole = transformer.Parameters[slice.Parameter].Value;
        if (whole.Stored is { } stored)
        {
            WeightType type = wanted is { } asked ? Fitting(asked, columns) : RowOf(stored, start, out _).Type;
            output.Tensor(name, type, (int)slice.Rows, columns, false, (row, bytes) =>
            {
                StoredRows rows = RowOf(stored, start + OurRow(row, head), out int its);
                if (rows.Type == type)
                {
                    rows.Row(its).CopyTo(bytes);
                    return;
                }

                float[] values = ArrayPool<float>.Shared.Rent(columns);
                rows.Expand(its, values.AsSpan(0, columns));
                Encode(path, name, type, values.AsSpan(0, columns), bytes);
                ArrayPool<float>.Shared.Return(values);
            });
        }
        else
        {
            WeightType type = Fitting(wanted ?? WeightType.F32, columns);
            output.Tensor(name, type, (int)slice.Rows, columns, false, (row, bytes) => Encode(path, name, type, whole.Row(start + OurRow(row, head)), bytes));
        }
    }

    private static StoredRows RowOf(StoredMatrix stored, int row, out int its)
    {
        its = row;
        foreach (StoredRows part in stored.Parts)
        {
            if (its < part.Rows) return part;
            its -= part.Rows;
        }

        throw new ArgumentOutOfRangeException(nameof(row));
    }

    /// <summary>The nearest type whose blocks rows of that width are made of.</summary>
    private static WeightType Fitting(WeightType type, int columns)
    {
        if (columns % WeightFormat.BlockElements(type) == 0) return type;
        return columns % WeightFormat.BlockElements(WeightType.Q8_0) == 0 ? WeightType.Q8_0 : WeightType.F16;
    }

    /// <summary>Width of the heads whose rows GGUF has interleaved (see <see cref="StoredRows"/>); 0 for a weight without them.</summary>
    private static int InterleavedHead(TransformerConfig config, string weight) =>
        GgufConfig.ArchitectureOf(config) == GgufConfig.Llama && (weight.EndsWith("q_proj.weight", StringComparison.Ordinal) || weight.EndsWith("k_proj.weight", StringComparison.Ordinal)) ? config.HeadDimension : 0;

    private static int OurRow(int row, int head)
    {
        if (head == 0) return row;
        int inHead = row % head;
        return row - inHead + (inHead / 2) + (inHead % 2 * (head / 2));
    }

    private static void Encode(string path, string name, WeightType type, ReadOnlySpan<float> values, Span<byte> bytes)
    {
        CheckFinite(path, name, values);
        try
        {
            WeightFormat.Encode(type, values, bytes);
        }
        catch (OverflowException e)
        {
            throw new ReverieException($"{path} is not written: tensor {name} does not fit {type}: {e.Message.TrimEnd('.')}. Choose another type.", e);
        }
    }

    private static void CheckFinite(string path, string name, ReadOnlySpan<float> values)
    {
        if (values.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
            throw new ReverieException($"{path} is not written: tensor {name} holds NaN or infinity, so its training diverged. Train with a lower learning rate.");
    }
}
