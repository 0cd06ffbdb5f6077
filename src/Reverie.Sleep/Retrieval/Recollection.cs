using Microsoft.Extensions.AI;

namespace Reverie.Sleep;

/// <summary>A conversation with what its owner said earlier before it.</summary>
/// <param name="Messages">What the model reads.</param>
/// <param name="Memories">What was put before the conversation, oldest first.</param>
public sealed record Recollection(IReadOnlyList<ChatMessage> Messages, IReadOnlyList<RecalledMemory> Memories)
{
    /// <summary>The messages that said it, each once; null for none, as <see cref="ReplyDetails.Memories"/> has it.</summary>
    public IReadOnlyList<string>? Sources => Memories.Count == 0 ? null : [.. Memories.Select(m => m.Message).Distinct()];
}
