using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Chooses a token from logits. The steps work in the order of Hugging Face: repetition penalty, presence and frequency penalty, bias,
/// what is allowed, temperature, top-k, top-p, min-p, each on what the one before left; then one draw. Equal probabilities are ordered by id. The logits are not
/// touched: their full softmax is the model's own distribution, which training wants (<see cref="Generation.LogProbabilities"/>).
/// </summary>
/// <remarks>Keeps its buffers, so that a draw makes no garbage; not for several threads at once.</remarks>
/// <param name="vocabularySize">Most logits in a call.</param>
public sealed class Sampler(int vocabularySize)
{
    // Parts in which the weights are summed for a draw from all of them.
    private const int Blocks = 64;

    private readonly float[] _adjusted = new float[vocabularySize];
    private readonly float[] _weights = new float[vocabularySize];
    private readonly ulong[] _candidates = new ulong[vocabularySize];
    private readonly int[] _counts = new int[vocabularySize];

    /// <summary>Draws one token.</summary>
    /// <param name="logits">One per token, unnormalised.</param>
    /// <param name="history">The tokens so far, prompt included.</param>
    /// <param name="options">Valid ones.</param>
    /// <param name="random">The sequence's own stream; one number is taken from it unless the choice is greedy.</param>
    /// <param name="forbidden">Tokens that may not be drawn.</param>
    /// <param name="allowed">The only tokens that may be drawn, a bit for each in words of 64, at least one of them; empty for all.</param>
    /// <param name="promptLength">How many of the tokens so far are the prompt's, to which presence and frequency penalties do not apply.</param>
    /// <exception cref="ReverieException">The logits are not finite: the model is broken.</exception>
    public SampledToken Sample(ReadOnlySpan<float> logits, ReadOnlySpan<int> history, SamplingOptions options, RandomStream random, ReadOnlySpan<int> forbidden = default,
        ReadOnlySpan<ulong> allowed = default, int promptLength = 0)
    {
        bool penalises = options is not { RepetitionPenalty: 1, PresencePenalty: 0, FrequencyPenalty: 0 };
        if (penalises || options.LogitBias is { Count: > 0 } || !forbidden.IsEmpty || !allowed.IsEmpty)
        {
            Span<float> adjusted = _adjusted.AsSpan(0, logits.Length);
            logits.CopyTo(adjusted);
            if (penalises) Penalise(adjusted, history, options, promptLength);
            if (options.LogitBias is { Count: > 0 } biases) Bias(adjusted, biases);
            Restrict(adjusted, forbidden, allowed);
            logits = adjusted;
        }

        int best = IndexOfMaximum(logits);
        if (best < 0) throw new ReverieException("The model's output is not finite, so its weights are broken. Train it again with a lower learning rate, or load another checkpoint.");
        if (options.Temperature == 0) return new SampledToken(best, 0);

        Span<float> weights = _weights.AsSpan(0, logits.Length);
        RowMath.Exponentials(logits, logits[best], 1 / options.Temperature, weights);
        bool filtered = (options.TopK > 0 && options.TopK < logits.Length) || options.TopP < 1;
        return filtered ? DrawFromBest(weights, options, random) : DrawFromAll(weights, options.MinP, random);
    }

    private void Penalise(Span<float> logits, ReadOnlySpan<int> history, SamplingOptions options, int promptLength)
    {
        if (options.RepetitionPenalty != 1)
        {
            ReadOnlySpan<int> seen = options.RepetitionWindow > 0 && history.Length > options.RepetitionWindow ? history[^options.RepetitionWindow..] : history;
            foreach (int token in seen)
                if ((uint)token < (uint)logits.Length && _counts[token]++ == 0) logits[token] = logits[token] > 0 ? logits[token] / options.RepetitionPenalty : logits[token] * options.RepetitionPenalty;
            Forget(seen);
        }

        if (options is { PresencePenalty: 0, FrequencyPenalty: 0 }) return;
        ReadOnlySpan<int> reply = history[promptLength..];
        foreach (int token in reply)
            if ((uint)token < (uint)logits.Length) _counts[token]++;
        foreach (int token in reply)
        {
            if ((uint)token >= (uint)logits.Length || _counts[token] == 0) continue;
            logits[token] -= options.PresencePenalty + (options.FrequencyPenalty * _counts[token]);
            _counts[token] = 0;
        }
    }

    private void Forget(ReadOnlySpan<int> tokens)
    {
        foreach (int token in tokens)
            if ((uint)token < (uint)_counts.Length) _counts[token] = 0;
    }

    private static void Bias(Span<float> logits, IReadOnlyDictionary<int, float> biases)
    {
        foreach ((int token, float bias) in biases)
            if ((uint)token < (uint)logits.Length) logits[token] += bias;
    }

    private static void Restrict(Span<float> logits, ReadOnlySpan<int> forbidden, ReadOnlySpan<ulong> allowed)
    {
        foreach (int token in forbidden)
            if ((uint)token < (uint)logits.Length) logits[token] = float.NegativeInfinity;
        for (int word = 0; word < allowed.Length; word++)
        {
            Span<float> group = logits[(word * 64)..Math.Min(logits.Length, (word + 1) * 64)];
            if (allowed[word] == 0) group.Fill(float.NegativeInfinity);
            else if (allowed[word] != ulong.MaxValue)
                for (int i = 0; i < group.Length; i++)
                    if ((allowed[word] >> i & 1) == 0) group[i] = float.NegativeInfinity;
        }
    }

    private static SampledToken DrawFromAll(Span<float> weights, float minP, RandomStream random)
    {
        // Sums of blocks first: the draw then walks over blocks, and over one block's tokens only.
        Span<double> sums = stackalloc double[Blocks];
        int size = (weights.Length + Blocks - 1) / Blocks, chosen = 0;
        double total = 0;
        for (int block = 0; block * size < weights.Length; block++) total += sums[block] = Sum(weights[(block * size)..Math.Min(weights.Length, (block + 1) * size)], minP);
        double left = random.NextDouble() * total;
        int last = 0;
        for (int block = 0; block * size < weights.Length; block++)
        {
            if (sums[block] == 0) continue;
            last = block;
            if (left < sums[block]) break;
            left -= sums[block];
        }

        for (int i = last * size, end = Math.Min(weights.Length, i + size); i < end; i++)
        {
            if (weights[i] < minP || weights[i] == 0) continue;
            chosen = i;
            if ((left -= weights[i]) < 0) break;
        }

        return new SampledToken(chosen, (float)Math.Log(weights[chosen] / total));
    }

    private static double Sum(ReadOnlySpan<float> weights, float least)
    {
        Vector256<float> least8 = Vector256.Create(least);
        Vector256<double> lower = default, upper = default;
        int i = 0;
        for (; i + Vector256<float>.Count <= weights.Length; i += Vector256<float>.Count)
        {
            Vector256<float> eight = Vector256.Create(weights[i..]);
            (Vector256<double> first, Vector256<double> second) = Vector256.Widen(eight & Vector256.GreaterThanOrEqual(eight, least8));
            lower += first;
            upper += second;
        }

        double sum = Vector256.Sum(lower + upper);
        for (; i < weights.Length; i++) sum += weights[i] >= least ? weights[i] : 0;
        return sum;
    }

    /// <summary>Candidates are sortable keys: the bits of a positive weight, inverted so that the largest comes first, above the id.</summary>
    private SampledToken DrawFromBest(Span<float> weights, SamplingOptions options, RandomStream random)
    {
        Span<ulong> candidates = _candidates.AsSpan(0, weights.Length);
        if (options.TopK > 0 && options.TopK < candidates.Length)
        {
            for (int i = 0; i < weights.Length; i++) candidates[i] = KeyOf(weights[i], i);
            BringSmallestToFront(candidates, options.TopK);
            candidates = candidates[..options.TopK];
            if (options.TopP < 1) candidates = Nucleus(candidates, Total(candidates, 0), options.TopP);
        }
        else
        {
            // All tokens below this weight together hold less than 1 - top-p, so the nucleus is complete without them and only the rest is sorted.
            double all = Sum(weights, 0);
            candidates = Nucleus(candidates[..AtLeast(weights, (float)(0.999 * all * (1 - options.TopP) / weights.Length), candidates)], all, options.TopP);
        }

        double total = Total(candidates, options.MinP), left = random.NextDouble() * total;
        ulong chosen = candidates[0];
        foreach (ulong candidate in candidates)
        {
            float weight = WeightOf(candidate);
            if (weight < options.MinP || weight == 0) continue;
            chosen = candidate;
            if ((left -= weight) < 0) break;
        }

        return new SampledToken((int)(uint)chosen, (float)Math.Log(WeightOf(chosen) / total));
    }

    /// <summary>Writes the keys of all weights from <paramref name="least"/> on, and returns how many there are.</summary>
    private static int AtLeast(ReadOnlySpan<float> weights, float least, Span<ulong> keys)
    {
        int count = 0, i = 0;
        Vector256<float> least8 = Vector256.Create(least);
        for (; i + Vector256<float>.Count <= weights.Length; i += Vector256<float>.Count)
        {
            for (uint set = Vector256.GreaterThanOrEqual(Vector256.Create(weights[i..]), least8).ExtractMostSignificantBits(); set != 0; set &= set - 1)
            {
                int token = i + BitOperations.TrailingZeroCount(set);
                keys[count++] = KeyOf(weights[token], token);
            }
        }

        for (; i < weights.Length; i++)
            if (weights[i] >= least) keys[count++] = KeyOf(weights[i], i);
        return count;
    }

    private static double Total(ReadOnlySpan<ulong> candidates, float least)
    {
        double total = 0;
        foreach (ulong candidate in candidates) total += WeightOf(candidate) >= least ? WeightOf(candidate) : 0;
        return total;
    }

    /// <summary>The fewest of the candidates, likeliest first, that hold the share <paramref name="topP"/> of <paramref name="total"/>.</summary>
    private static Span<ulong> Nucleus(Span<ulong> candidates, double total, float topP)
    {
        candidates.Sort();
        double left = total * topP;
        int count = 0;
        while (count < candidates.Length && left > 0) left -= WeightOf(candidates[count++]);
        return candidates[..count];
    }

    private static ulong KeyOf(float weight, int token) => ((ulong)~BitConverter.SingleToUInt32Bits(weight) << 32) | (uint)token;

    private static float WeightOf(ulong candidate) => BitConverter.UInt32BitsToSingle(~(uint)(candidate >> 32));

    /// <summary>Quickselect (Hoare, 1961).</summary>
    internal static void BringSmallestToFront(Span<ulong> keys, int count)
    {
        int low = 0, high = keys.Length - 1;
        while (low < high)
        {
            ulong a = keys[low], b = keys[low + ((high - low) / 2)], c = keys[high];
            ulong pivot = Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
            int i = low, j = high;
            while (i <= j)
            {
                while (keys[i] < pivot) i++;
                while (keys[j] > pivot) j--;
                if (i > j) break;
                (keys[i], keys[j]) = (keys[j], keys[i]);
                i++;
                j--;
            }

            if (count - 1 <= j) high = j;
            else if (count - 1 >= i) low = i;
            else return;
        }
    }

    /// <summary>Index of the first largest value; -1 where one is NaN or the largest is infinite.</summary>
    private static int IndexOfMaximum(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> blocks = MemoryMarshal.Cast<float, Vector<float>>(values);
        var maximum = new Vector<float>(float.NegativeInfinity);
        foreach (Vector<float> block in blocks) maximum = Vector.Max(maximum, block);
        float largest = float.NegativeInfinity;
        for (int i = 0; i < Vector<float>.Count; i++) largest = MathF.Max(largest, maximum[i]);
        foreach (float value in values[(blocks.Length * Vector<float>.Count)..]) largest = MathF.Max(largest, value);
        if (!float.IsFinite(largest)) return -1;

        // The spans' own search compares floats one by one.
        int first = 0;
        var wanted = new Vector<float>(largest);
        while (first < blocks.Length && !Vector.EqualsAny(blocks[first], wanted)) first++;
        return (first * Vector<float>.Count) + values[(first * Vector<float>.Count)..].IndexOf(largest);
    }
}
