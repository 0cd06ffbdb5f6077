namespace Reverie.Chat;

/// <summary>What a reply took.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CachedTokens">Of these, the ones whose keys and values were there already.</param>
/// <param name="PromptSeconds">From the request to the first token of the answer, waiting included.</param>
/// <param name="AnswerTokens">Tokens of the answer, reasoning included.</param>
/// <param name="AnswerSeconds">From the first token to the last.</param>
public sealed record ReplyTimings(int PromptTokens, int CachedTokens, double PromptSeconds, int AnswerTokens, double AnswerSeconds)
{
    /// <summary>Tokens of the answer a second after the first; 0 where there are fewer than two.</summary>
    public double TokensPerSecond => AnswerTokens > 1 && AnswerSeconds > 0 ? (AnswerTokens - 1) / AnswerSeconds : 0;
}
