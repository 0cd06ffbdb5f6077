namespace Reverie.Sleep;

/// <summary>Where a stretch of text comes from. Sleep learns only from what its source can be trusted with.</summary>
public enum Provenance
{
    /// <summary>A person typed it.</summary>
    Typed,

    /// <summary>A model produced it.</summary>
    Model,

    /// <summary>A tool returned it.</summary>
    Tool,

    /// <summary>It was pasted or attached: someone else's words.</summary>
    Pasted,

    /// <summary>It is an instruction of whoever runs the assistant.</summary>
    System,
}
