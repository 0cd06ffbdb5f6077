namespace Reverie.Models;

/// <summary>What a model expects at one place of a text.</summary>
/// <param name="Tokens">Ids: all in order, or some of the likeliest.</param>
/// <param name="Logits">Their logits.</param>
/// <param name="LogSumExp">Logarithm of the sum of exp(logit) over all tokens.</param>
public sealed record ProbePosition(int[] Tokens, float[] Logits, double LogSumExp)
{
    /// <summary>All tokens in order.</summary>
    internal ProbePosition(int[] tokens, float[] logits) : this(tokens, logits, SumOf(logits)) { }

    /// <summary>The likeliest token; the first of them where several are.</summary>
    public int Top => Tokens[Array.IndexOf(Logits, Logits.Max())];

    /// <summary>The logit of a token, where all are there.</summary>
    public float LogitOf(int token) => Logits[token];

    /// <summary>The same with the likeliest tokens only.</summary>
    public ProbePosition Likeliest(int count)
    {
        int[] order = [.. Enumerable.Range(0, Logits.Length).OrderByDescending(i => Logits[i]).ThenBy(i => Tokens[i]).Take(count)];
        return new ProbePosition([.. order.Select(i => Tokens[i])], [.. order.Select(i => Logits[i])], LogSumExp);
    }

    private static double SumOf(float[] logits)
    {
        double largest = logits.Max(), sum = 0;
        foreach (float logit in logits) sum += Math.Exp(logit - largest);
        return largest + Math.Log(sum);
    }
}
