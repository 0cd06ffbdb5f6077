namespace Reverie.Evaluation;

/// <summary>The score of a continuation.</summary>
/// <param name="LogProbability">Sum of log p of its tokens, in nats.</param>
/// <param name="IsGreedy">Whether each of its tokens is the model's most likely one.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="Bytes">UTF-8 bytes of its tokens; special tokens have none.</param>
/// <param name="TextLogProbability">The same sum without special tokens, for bits per byte.</param>
/// <param name="IsTruncated">Whether the beginning of the context was left out because all of it did not fit.</param>
public sealed record LogLikelihood(double LogProbability, bool IsGreedy, int Tokens, int Bytes, double TextLogProbability, bool IsTruncated)
{
    /// <summary>Mean of -log p over its tokens, in nats.</summary>
    public double MeanLoss => -LogProbability / Tokens;

    /// <summary>Bits per byte of many texts: -(sum of log p) / (bytes ln 2).</summary>
    public static double BitsPerByte(IEnumerable<LogLikelihood> texts)
    {
        double nats = 0;
        long bytes = 0;
        foreach (LogLikelihood text in texts)
        {
            nats -= text.TextLogProbability;
            bytes += text.Bytes;
        }

        return nats / Math.Max(1, bytes) / Math.Log(2);
    }
}
