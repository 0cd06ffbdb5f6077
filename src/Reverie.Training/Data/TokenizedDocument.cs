namespace Reverie.Training;

/// <summary>A document as token ids.</summary>
/// <param name="Tokens">The token ids, with the end-of-text token at the end.</param>
/// <param name="FromAssistant">For each token whether the assistant wrote it; null for plain text, where nobody did.</param>
/// <param name="Bytes">Length of the original text in UTF-8 bytes, without what the template adds.</param>
public readonly record struct TokenizedDocument(int[] Tokens, bool[]? FromAssistant, int Bytes);
