namespace Reverie.Training;

/// <summary>
/// The loss that tokenizers cannot cheat: nats of the text over its UTF-8 bytes and ln 2. Special tokens count zero nats and
/// zero bytes (as in nanochat).
/// </summary>
public static class BitsPerByte
{
    /// <summary>Measures a data set, or its first <paramref name="maximumTokens"/> in a fixed shuffled order.</summary>
    public static double Measure(Learner learner, TokenDataset data, int sequenceLength, long maximumTokens, Batch scratch)
    {
        double nats = 0;
        long bytes = 0;
        var reader = new EvaluationReader(data, sequenceLength, maximumTokens);
        while (reader.Next(scratch))
        {
            ReadOnlySpan<float> logProbabilities = learner.Score(scratch);
            for (int i = 0; i < logProbabilities.Length; i++)
            {
                int length = data.TokenBytes[scratch.Targets[i]];
                if (length == 0) continue;
                nats -= logProbabilities[i];
                bytes += length;
            }
        }

        return nats / Math.Max(bytes, 1) / Math.Log(2);
    }
}
