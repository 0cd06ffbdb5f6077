namespace Reverie.Models;

/// <summary>A finished reply.</summary>
/// <param name="Answer">What the model says, without its reasoning.</param>
/// <param name="Thinking">Its reasoning; empty when there was none.</param>
/// <param name="StopReason">Why it ended.</param>
/// <param name="PromptTokens">Tokens of the conversation before the reply.</param>
/// <param name="ReusedTokens">Those of them whose keys and values were there from the turns before.</param>
/// <param name="ReplyTokens">Tokens of the reply.</param>
public sealed record ChatReply(string Answer, string Thinking, StopReason StopReason, int PromptTokens, int ReusedTokens, int ReplyTokens);
