namespace Reverie.Sleep;

/// <summary>How much a model can read beside a conversation.</summary>
/// <param name="ContextLength">Most tokens of prompt and answer together.</param>
/// <param name="Used">Tokens of the conversation.</param>
/// <param name="Parameters">Parameters of the model.</param>
/// <param name="Count">Counts a text's tokens.</param>
public sealed record PromptRoom(int ContextLength, int Used, long Parameters, Func<string, int> Count)
{
    /// <summary>Whether the model knows what a system prompt is.</summary>
    public bool IsLarge => Parameters >= RecalledPrompt.ParametersForSystemPrompt;
}
