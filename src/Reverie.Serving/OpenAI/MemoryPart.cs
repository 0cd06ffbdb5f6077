using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>What the user typed earlier and was put before the conversation: an extension of ours.</summary>
/// <param name="Id">Id of the message in the journal.</param>
/// <param name="Conversation">Id of its conversation.</param>
/// <param name="CreatedAt">When it was typed, in seconds since 1970.</param>
/// <param name="Text">The sentence.</param>
internal sealed record MemoryPart(string Id, string Conversation, long CreatedAt, string Text)
{
    /// <summary>All of an answer; null where the request did not ask for any.</summary>
    public static IReadOnlyList<MemoryPart>? Of(bool isWanted, Recollection recalled) =>
        isWanted ? [.. recalled.Memories.Select(m => new MemoryPart(m.Message, m.Conversation, m.Written.ToUnixTimeSeconds(), m.Text))] : null;
}
