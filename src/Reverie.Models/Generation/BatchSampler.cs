using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Chooses the next tokens of a step's sequences from their logits, each by its own request.</summary>
/// <param name="sequences">Most sequences of a step.</param>
/// <param name="vocabularySize">Most logits of a row.</param>
/// <param name="kernels">The arithmetic of the log-probabilities.</param>
internal sealed class BatchSampler(int sequences, int vocabularySize, IKernels kernels)
{
    private readonly Sampler _sampler = new(vocabularySize);
    private readonly int[] _chosen = new int[sequences];
    private readonly SampledToken[] _sampled = new SampledToken[sequences];
    private readonly float[] _logProbabilities = new float[sequences];
    private readonly string?[] _failures = new string?[sequences];
    private readonly ulong[] _ranked = new ulong[vocabularySize];

    /// <summary>The tokens of the last step.</summary>
    public ReadOnlySpan<SampledToken> Sampled => _sampled;

    /// <summary>Their log-probabilities under the model's own distribution.</summary>
    public ReadOnlySpan<float> LogProbabilities => _logProbabilities;

    /// <summary>Why a sequence of the last step got no token; null where it got one.</summary>
    public string? Failure(int index) => _failures[index];

    /// <summary>Chooses a token for each sequence.</summary>
    /// <param name="generations">The sequences.</param>
    /// <param name="logits">A row for each.</param>
    /// <param name="known">Ids of the tokenizer: the rest of the table is padding and stands for nothing.</param>
    public void Run(ReadOnlySpan<Generation> generations, Tensor logits, int known)
    {
        for (int i = 0; i < generations.Length; i++)
        {
            Generation generation = generations[i];
            ThinkingControl? thinking = generation.Thinking;
            int? next = thinking?.Next;
            (_failures[i], _chosen[i], _sampled[i]) = (null, 0, default);
            try
            {
                _sampled[i] = next is { } set
                    ? new SampledToken(set, 0)
                    : _sampler.Sample(logits.Row(i)[..known], generation.AllTokens, generation.Request.Options, generation.Random, thinking is null ? default : thinking.Forbidden,
                        generation.Constraint is { } constraint ? constraint.Allowed : default, generation.PromptLength);
                thinking?.Accept(_sampled[i].Id, next is not null);
                _chosen[i] = _sampled[i].Id;
            }
            catch (ReverieException e)
            {
                // A broken adapter is no reason to end those who do not use it.
                _failures[i] = e.Message;
            }
        }

        // The trainer's own kernel, so that its log-probabilities are these.
        kernels.SoftmaxLoss(logits, _chosen.AsSpan(0, generations.Length), null, 0, 1, _logProbabilities.AsSpan(0, generations.Length), []);
        for (int i = 0; i < generations.Length; i++)
            if (_failures[i] is null && generations[i].Request.TopLogProbabilities is > 0 and int count) Rank(logits.Row(i)[..known], Math.Min(count, known), i, generations[i].NextAlternatives);
    }

    /// <summary>Adds the most likely tokens; equal ones are ordered by id.</summary>
    private void Rank(ReadOnlySpan<float> logits, int count, int row, List<TokenAlternative> alternatives)
    {
        Span<ulong> ranked = _ranked.AsSpan(0, logits.Length);
        for (int i = 0; i < ranked.Length; i++)
        {
            // The bits of a float in an order that integers have, the largest first, above the id.
            uint bits = BitConverter.SingleToUInt32Bits(logits[i]);
            uint ordered = (bits & 0x80000000) != 0 ? bits : ~bits & 0x7FFFFFFF;
            ranked[i] = ((ulong)ordered << 32) | (uint)i;
        }

        Sampler.BringSmallestToFront(ranked, count);
        ranked[..count].Sort();

        // What all log-probabilities of the row subtract, from the one that is known.
        double denominator = (double)logits[_chosen[row]] - _logProbabilities[row];
        foreach (ulong entry in ranked[..count])
        {
            int token = (int)(uint)entry;
            alternatives.Add(new TokenAlternative(token, token == _chosen[row] ? _logProbabilities[row] : (float)(logits[token] - denominator)));
        }
    }
}
