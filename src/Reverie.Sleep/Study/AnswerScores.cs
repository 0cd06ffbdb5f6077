using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;

namespace Reverie.Sleep;

/// <summary>Log-likelihood of the learned tokens of a document.</summary>
/// <param name="Sum">In nats.</param>
/// <param name="Count">How many tokens.</param>
internal readonly record struct AnswerScore(double Sum, int Count)
{
    /// <summary>Nats per token.</summary>
    public double Mean => Sum / Math.Max(1, Count);
}

/// <summary>How likely answers are under a model with its present adapter.</summary>
internal static class AnswerScores
{
    /// <summary>Scores documents, in their order.</summary>
    public static IReadOnlyList<AnswerScore> Of(Transformer model, IKernels kernels, IReadOnlyList<StudyDocument> documents)
    {
        using var learner = new Learner(model, kernels);
        var scores = new List<AnswerScore>(documents.Count);
        foreach ((Batch batch, int first, int next) in AdapterTraining.Batches(documents))
        {
            ReadOnlySpan<float> logProbabilities = learner.Score(batch);
            for (int i = first, at = 0; i < next; at += documents[i++].Tokens.Length - 1)
            {
                double sum = 0;
                int count = 0;
                for (int t = 1; t < documents[i].Tokens.Length; t++)
                {
                    if (documents[i].Weights[t] == 0) continue;
                    sum += logProbabilities[at + t - 1];
                    count++;
                }

                scores.Add(new AnswerScore(sum, count));
            }
        }

        return scores;
    }
}
