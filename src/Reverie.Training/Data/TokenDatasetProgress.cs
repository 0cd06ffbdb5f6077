namespace Reverie.Training;

/// <summary>How far the tokenisation of a data set has come.</summary>
/// <param name="Documents">Documents written.</param>
/// <param name="Tokens">Tokens written.</param>
/// <param name="Bytes">UTF-8 bytes of their texts.</param>
public readonly record struct TokenDatasetProgress(long Documents, long Tokens, long Bytes);
