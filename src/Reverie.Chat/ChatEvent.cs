using Microsoft.Extensions.AI;

namespace Reverie.Chat;

/// <summary>What happens while a model replies, in order. The last one is <see cref="Finished"/>.</summary>
public abstract record ChatEvent
{
    private ChatEvent()
    {
    }

    /// <summary>More of the answer.</summary>
    /// <param name="Value">In whole characters, and certain: it can no longer become a tag or a stop text.</param>
    public sealed record Text(string Value) : ChatEvent;

    /// <summary>More of the reasoning before the answer.</summary>
    /// <param name="Value">Without the tags around it.</param>
    public sealed record Reasoning(string Value) : ChatEvent;

    /// <summary>A call of a tool begins.</summary>
    /// <param name="Index">0 for the first call of the reply.</param>
    /// <param name="Id">Names the call in the conversation.</param>
    /// <param name="Name">The tool.</param>
    public sealed record ToolCall(int Index, string Id, string Name) : ChatEvent;

    /// <summary>More of the arguments of a call.</summary>
    /// <param name="Index">Which call.</param>
    /// <param name="Json">A piece of the JSON object; all pieces together are whole.</param>
    public sealed record ToolArguments(int Index, string Json) : ChatEvent;

    /// <summary>Tokens that were drawn, where log-probabilities were asked for. They may be ahead of the text.</summary>
    /// <param name="Tokens">In order.</param>
    public sealed record Drawn(IReadOnlyList<TokenLogProbability> Tokens) : ChatEvent;

    /// <summary>The reply is over. Where it was cancelled this comes too, with what there was until then, before the stream throws.</summary>
    /// <param name="Reason">Why it ended.</param>
    /// <param name="Usage">Its tokens.</param>
    /// <param name="Timings">How long it took.</param>
    /// <param name="Generation">The tokens themselves, as the model drew them.</param>
    public sealed record Finished(ChatFinishReason Reason, UsageDetails Usage, ReplyTimings Timings, Models.Generation Generation) : ChatEvent
    {
        /// <summary>The reason of a reply whose reader wanted no more of it.</summary>
        public static ChatFinishReason Cancelled { get; } = new("cancelled");

        /// <summary>Whether nobody waits for the rest.</summary>
        public bool IsCancelled => Reason == Cancelled;
    }
}
