namespace Reverie.Sleep;

/// <summary>A stretch of a part's text and where it comes from.</summary>
/// <param name="Source">Where it comes from.</param>
/// <param name="Start">Its first UTF-16 code unit.</param>
/// <param name="Length">How many UTF-16 code units, at least 1.</param>
public readonly record struct ProvenanceSpan(Provenance Source, int Start, int Length);
