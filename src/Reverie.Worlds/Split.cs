namespace Reverie.Worlds;

/// <summary>Which part of a generator or a data set.</summary>
public enum Split
{
    /// <summary>What models learn from.</summary>
    Train,

    /// <summary>Templates and compositions that training never shows; the same distribution otherwise.</summary>
    HeldOut,

    /// <summary>Beyond the training distribution: longer, deeper, or made of unseen parts.</summary>
    OutOfDistribution,
}
