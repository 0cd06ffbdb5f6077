namespace Reverie.Tensors;

/// <summary>
/// Llama 3's way to stretch rotary positions to contexts longer than those of the first training (arXiv 2407.21783; <c>rope_type</c> "llama3"): slow
/// frequencies are divided by <see cref="Factor"/>, fast ones stay, those between are blended.
/// </summary>
/// <param name="Factor">Divides the frequencies whose waves are longer than OriginalContext / LowFrequencyFactor tokens.</param>
/// <param name="LowFrequencyFactor">See <see cref="Factor"/>.</param>
/// <param name="HighFrequencyFactor">Waves shorter than OriginalContext / HighFrequencyFactor tokens stay as they are.</param>
/// <param name="OriginalContext">Context of the first training, in tokens.</param>
public sealed record RopeScaling(float Factor, float LowFrequencyFactor, float HighFrequencyFactor, int OriginalContext)
{
    /// <summary>What a frequency, in radians a token, becomes.</summary>
    public double Scale(double frequency)
    {
        double wave = 2 * Math.PI / frequency;
        if (wave < OriginalContext / (double)HighFrequencyFactor) return frequency;
        if (wave > OriginalContext / (double)LowFrequencyFactor) return frequency / Factor;
        double fast = (OriginalContext / wave - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return (1 - fast) * frequency / Factor + fast * frequency;
    }

    /// <summary>What each of the d/2 frequencies of a head is divided by, as GGUF keeps it in <c>rope_freqs.weight</c>.</summary>
    /// <param name="theta">Base of the frequencies.</param>
    /// <param name="headDimension">d.</param>
    public float[] Divisors(float theta, int headDimension)
    {
        float[] divisors = new float[headDimension / 2];
        for (int i = 0; i < divisors.Length; i++)
        {
            double frequency = Math.Pow(theta, -2.0 * i / headDimension);
            divisors[i] = (float)(frequency / Scale(frequency));
        }

        return divisors;
    }
}
