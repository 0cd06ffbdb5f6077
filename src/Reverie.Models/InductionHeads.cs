using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Attention that copies before anything was learned. Transformers copy by two heads in a row (induction heads, arXiv 2209.11895): one brings
/// along what the token before was, and one a layer higher looks for the places whose token before is the token at hand, and says what stands there.
/// To find that pair takes a small model a good part of its training, and most of what it is asked rests on it. So a new model begins with it, in
/// ordinary weights that training is free to change (a structured initialization, as in arXiv 2305.09828). Measured in docs/recipe.md.
/// </summary>
/// <remarks>
/// The stream begins as one constant coordinate, two slots that the table leaves empty, and the token in what remains.
/// <list type="bullet">
/// <item>Head 0 of layer 0 makes query and key of the constant alone, the query turned back by one position, over the faster half of the rotary
/// frequencies f: its score at a distance of t tokens is sum a^2 cos(f (t - 1)). It brings V e of the token before into the first slot.</item>
/// <item>Heads of layer 1 have the query V e of the token at hand and as key the first slot, over the slower half of f, which hardly turn within a
/// context. They bring V' e of what stands there into the second slot.</item>
/// <item>The head has E V'^T for the second slot.</item>
/// </list>
/// Of 60 random tokens of 1,536 that come a second time a new model of width 128 gives the greatest probability to nine in ten.
/// </remarks>
internal static class InductionHeads
{
    /// <summary>The constant coordinate, in deviations of the table.</summary>
    private const float Constant = 1.5f;

    /// <summary>What is left of the random queries and keys that a pattern is written over.</summary>
    private const float Remainder = 0.3f;

    /// <summary>Length of a pattern before queries and keys are normed, which says how much it counts against the random rest.</summary>
    private const float Position = 3, Key = 2;

    /// <summary>Gains of queries and keys where a pattern is: how sharply it looks.</summary>
    private const float Gain = 1.6f;

    /// <summary>What the head reads of the second slot.</summary>
    private const float Reading = 0.1f;

    /// <summary>Whether a shape has room for the two heads, normed queries and keys, whose size is known, and a head of its own.</summary>
    public static bool Fit(TransformerConfig config) => config is { QueryKeyNorm: true, AttentionBias: false, TiedEmbeddings: false, Layers: > 1, HeadDimension: >= 8, Width: >= 32 };

    /// <summary>Writes them over weights that were just drawn.</summary>
    /// <param name="model">A model whose shape they <see cref="Fit"/>.</param>
    /// <param name="deviation">Deviation of its table.</param>
    public static void Write(Transformer model, float deviation)
    {
        TransformerConfig config = model.Config;
        int slot = Math.Min(config.HeadDimension, config.Width / 4), before = 1, copied = before + slot, token = copied + slot;
        int half = config.HeadDimension / 2, slow = half / 2;
        var first = new HeadWeights(model, layer: 0);
        var second = new HeadWeights(model, layer: 1);
        for (int row = 0; row < config.VocabularySize; row++)
        {
            Span<float> embedding = model.Embedding.Span.Slice(row * config.Width, config.Width);
            embedding[0] = Constant * deviation;
            embedding[before..token].Clear();
        }

        first.Fade(0);
        for (int i = 0; i < slow; i++)
        {
            // The fastest frequencies tell neighbours apart, the slower ones tell a neighbour from a whole turn away: less and less of each.
            double share = 2.0 * (slow - i) / (slow * (slow + 1)), turn = Math.Pow(config.RopeTheta, -i / (double)half), a = Position * Math.Sqrt(share);
            first.Query(0, i)[0] = (float)(a * Math.Cos(turn));
            first.Query(0, half + i)[0] = (float)(-a * Math.Sin(turn));
            first.Key(0, i)[0] = (float)a;
        }

        first.Bring(0, slot, token, before);
        for (int head = 0, patterns = 2 * (half - slow); head < Math.Max(1, config.KeyValueHeads - 1); head++)
        {
            second.Fade(head);
            for (int n = 0; n < patterns; n++)
            {
                int row = n < half - slow ? n + slow : n + 2 * slow, value = (head * patterns + n) % slot;
                Span<float> query = second.Query(head, row), from = first.Value(0, value);
                for (int c = token; c < config.Width; c++) query[c] += from[c];
                second.Key(head, row)[before + value] += Key;
            }

            // All copy the same of a token, so that what they bring adds up.
            for (int i = 0; head > 0 && i < slot; i++) second.Value(0, i).CopyTo(second.Value(head, i));
            second.Bring(head, slot, token, copied);
        }

        for (int row = 0; row < config.VocabularySize; row++)
            for (int i = 0; i < slot; i++)
            {
                float value = 0;
                Span<float> reads = second.Value(0, i), embedding = model.Embedding.Span.Slice(row * config.Width, config.Width);
                for (int c = token; c < config.Width; c++) value += reads[c] * embedding[c];
                model.Head.Span[row * config.Width + copied + i] += Reading * value;
            }

        for (int i = 0; i < half; i++)
            foreach (Tensor gains in i < slow ? first.Gains : second.Gains) gains.Span[i] = gains.Span[half + i] = Gain;
    }

    /// <summary>One layer's attention by heads: of those that share keys and values, the first.</summary>
    private sealed class HeadWeights(Transformer model, int layer)
    {
        private readonly TransformerConfig _config = model.Config;
        private readonly Tensor _projection = model.Parameters[$"model.layers.{layer}.self_attn.qkv_proj.weight"].Value;
        private readonly Tensor _output = model.Parameters[$"model.layers.{layer}.self_attn.o_proj.weight"].Value;

        public Tensor[] Gains { get; } = [model.Parameters[$"model.layers.{layer}.self_attn.q_norm.weight"].Value, model.Parameters[$"model.layers.{layer}.self_attn.k_norm.weight"].Value];

        public Span<float> Query(int head, int i) => Row(Column(head) + i);

        public Span<float> Key(int head, int i) => Row((_config.Heads + head) * _config.HeadDimension + i);

        public Span<float> Value(int head, int i) => Row((_config.Heads + _config.KeyValueHeads + head) * _config.HeadDimension + i);

        public void Fade(int head)
        {
            for (int i = 0; i < _config.HeadDimension; i++)
            {
                foreach (ref float weight in Query(head, i)) weight *= Remainder;
                foreach (ref float weight in Key(head, i)) weight *= Remainder;
            }
        }

        /// <summary>The first values read the token alone and go into a slot.</summary>
        public void Bring(int head, int count, int token, int slot)
        {
            for (int i = 0; i < count; i++)
            {
                Value(head, i)[..token].Clear();
                _output.Span[(slot + i) * _output.Columns + Column(head) + i] = 1;
            }
        }

        private int Column(int head) => head * (_config.Heads / _config.KeyValueHeads) * _config.HeadDimension;

        private Span<float> Row(int row) => _projection.Span.Slice(row * _config.Width, _config.Width);
    }
}
