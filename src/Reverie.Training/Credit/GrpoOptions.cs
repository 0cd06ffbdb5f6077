namespace Reverie.Training;

/// <summary>What a reward R is compared with in its group; a group in which all got the same has advantage 0 under each of them.</summary>
public enum GroupAdvantage
{
    /// <summary>(R - mean) / deviation.</summary>
    MeanDeviation,

    /// <summary>R - mean.</summary>
    Mean,

    /// <summary>(R - mean) / the deviation of R - mean over the whole batch (REINFORCE++ with a baseline, arXiv 2501.03262).</summary>
    Batch,

    /// <summary>(R - mean) / mean; 0 where the mean is not above 0.</summary>
    OverMean,
}

/// <summary>The factor c of a trace's tokens; N traces in the batch.</summary>
public enum LengthNormalization
{
    /// <summary>1 / (N |o|): each trace counts the same, so a token of a long one counts less.</summary>
    SequenceMean,

    /// <summary>1 / (N L_max): each token counts the same, in every batch.</summary>
    Constant,

    /// <summary>1 / sum of |o|: each token counts the same inside a batch.</summary>
    TokenMean,
}

/// <summary>What a group's objective does with rho = p / p_old.</summary>
public enum GroupRatio
{
    /// <summary>f = min(rho A, clip(rho) A) by token; g = rho inside the clip, 0 beyond.</summary>
    Clip,

    /// <summary>f = min(rho, 1 + high) A log p with no gradient through the factor; g = min(rho, 1 + high).</summary>
    Bounded,

    /// <summary>As <see cref="Clip"/>, with the sequence's s = exp(mean over t of log rho) in place of rho.</summary>
    Sequence,

    /// <summary>f = A log p, g = 1: for traces of the current weights.</summary>
    None,
}
