using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The logits of a model on a fixed text, to be compared with another's: the same ids for everybody with as many tokens.</summary>
public sealed class ModelProbe
{
    /// <summary>Tokens of the text.</summary>
    public const int Length = 48;

    /// <summary>Largest difference of a logit that is allowed where nothing else is said.</summary>
    public const double Tolerance = 1e-2;

    internal ModelProbe(int vocabulary, int[] ids, IReadOnlyList<ProbePosition> positions) => (Vocabulary, Ids, Positions) = (vocabulary, ids, positions);

    /// <summary>Number of tokens of the model.</summary>
    public int Vocabulary { get; }

    /// <summary>The text.</summary>
    public IReadOnlyList<int> Ids { get; }

    /// <summary>What the model expects after each token of the text.</summary>
    public IReadOnlyList<ProbePosition> Positions { get; }

    /// <summary>The text for a number of tokens: id i is (2654435761 (i + 1)) mod vocabulary, which hits all parts of it (Knuth, multiplicative hashing).</summary>
    public static int[] IdsFor(int vocabulary, int length = Length) => [.. Enumerable.Range(1, length).Select(i => (int)((ulong)i * 2654435761 % (ulong)vocabulary))];

    /// <summary>Runs a model over its text.</summary>
    public static ModelProbe Measure(Transformer model, IKernels kernels) => Measure(model, kernels, IdsFor(model.Config.VocabularySize, Math.Min(Length, model.Config.ContextLength)));

    /// <summary>Compares with a reference; this is the model that is judged.</summary>
    /// <exception cref="ReverieException">The reference is for another text or number of tokens.</exception>
    public ProbeDifference Against(ModelProbe reference)
    {
        if (reference.Vocabulary != Vocabulary) throw new ReverieException($"The reference is for a model of {reference.Vocabulary} tokens, and this one has {Vocabulary}. Compare models of one vocabulary.");
        if (!reference.Ids.SequenceEqual(Ids)) throw new ReverieException("The reference is for another text. Write it again with models verify MODEL --write.");
        double largest = 0, divergence = 0;
        int agree = 0;
        foreach ((ProbePosition expected, ProbePosition actual) in reference.Positions.Zip(Positions))
        {
            double kl = 0, rest = 1, restActual = 1;
            for (int i = 0; i < expected.Tokens.Length; i++)
            {
                float logit = actual.LogitOf(expected.Tokens[i]);
                largest = Math.Max(largest, Math.Abs(logit - expected.Logits[i]));
                double p = expected.Logits[i] - expected.LogSumExp, q = logit - actual.LogSumExp;
                kl += Math.Exp(p) * (p - q);
                (rest, restActual) = (rest - Math.Exp(p), restActual - Math.Exp(q));
            }

            // All tokens that the reference leaves out count as one.
            if (rest > 1e-6 && restActual > 0) kl += rest * Math.Log(rest / restActual);
            divergence += Math.Max(0, kl);
            if (expected.Top == actual.Top) agree++;
        }

        return new ProbeDifference(largest, (double)agree / Positions.Count, divergence / Positions.Count);
    }

    /// <summary>Runs a model over the text of a reference.</summary>
    /// <exception cref="ReverieException">The text is not one for this model.</exception>
    public static ModelProbe MeasureLike(ModelProbe reference, Transformer model, IKernels kernels)
    {
        int vocabulary = model.Config.VocabularySize;
        if (reference.Vocabulary != vocabulary) throw new ReverieException($"The reference is for a model of {reference.Vocabulary} tokens, and this one has {vocabulary}. Compare models of one vocabulary.");
        if (reference.Ids.Count > model.Config.ContextLength) throw new ReverieException($"The reference's text has {reference.Ids.Count} tokens, and the model's context {model.Config.ContextLength}. Write it again with models verify MODEL --write.");
        return Measure(model, kernels, [.. reference.Ids]);
    }

    private static ModelProbe Measure(Transformer model, IKernels kernels, int[] ids)
    {
        using var arena = new Arena();
        var tape = new Tape(kernels, arena, recording: false);
        Tensor hidden = model.Forward(tape, ids, ids.Length, [new Segment(0, ids.Length)], 1);
        Tensor logits = Ops.Linear(tape, hidden, model.Head);
        int[] all = [.. Enumerable.Range(0, model.Config.VocabularySize)];
        return new ModelProbe(all.Length, ids, [.. Enumerable.Range(0, ids.Length).Select(i => new ProbePosition(all, logits.Row(i).ToArray()))]);
    }
}
