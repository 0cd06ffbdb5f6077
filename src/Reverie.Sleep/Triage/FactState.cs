namespace Reverie.Sleep;

/// <summary>Where something that was told is kept; the journal has it in any case.</summary>
public enum FactState
{
    /// <summary>It is found by retrieval; the weights have not learned it.</summary>
    Retrieval,

    /// <summary>The weights have learned it.</summary>
    Weights,

    /// <summary>The model knew it before anybody told it.</summary>
    Known,

    /// <summary>Something newer contradicts it.</summary>
    Superseded,

    /// <summary>It may not reach the weights: nobody vouches for it, or it gives orders.</summary>
    Quarantined,
}
