using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Evaluation.Tests;

/// <summary>A model of random weights with a tokenizer of real merges.</summary>
public sealed class SmallModel : IDisposable
{
    public SmallModel()
    {
        Transformer = new Transformer(TransformerConfig.ForWidth(32, 2, Tokenizer.VocabularySize, 64, headDimension: 16));
        Transformer.Initialize(3, 0.5f, outputScale: 0.5f);
        Scorer = new LogLikelihoodScorer(Transformer, Tokenizer, Kernels);
    }

    public static Tokenizer Tokenizer { get; } = Tokenizer.Train([string.Concat(Enumerable.Repeat("the quick brown fox jumps over the lazy dog; Question: what is it? Answer: 12 and 3. ", 8))], 320);

    public IKernels Kernels { get; } = CpuKernels.Create(1);

    public Transformer Transformer { get; }

    public LogLikelihoodScorer Scorer { get; }

    /// <summary>log p of each token after the first, one sequence alone, by the training path.</summary>
    public float[] LogProbabilities(int[] tokens)
    {
        using var arena = new Tensors.Arena();
        var tape = new Tape(Kernels, arena, recording: false);
        int count = tokens.Length - 1;
        float[] result = new float[count];
        Tensor hidden = Transformer.Forward(tape, tokens, count, [new Segment(0, count)], 1);
        Ops.TokenLoss(tape, hidden, Transformer.Head, tokens[1..], null, 0, 1, result);
        return result;
    }

    public void Dispose()
    {
        Scorer.Dispose();
        Transformer.Dispose();
        Kernels.Dispose();
    }
}
