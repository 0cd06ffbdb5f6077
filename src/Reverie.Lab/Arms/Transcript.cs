using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>
/// A conversation as a model reads it, documents and results of tools in full. Where its owner put an answer right, the better answer stands in
/// its place: the arms that read chats are given the same chance to see it as the one that sleeps.
/// </summary>
/// <param name="Began">When it began, UTC.</param>
/// <param name="Messages">The messages of the branch that its owner stands on.</param>
internal sealed record Transcript(DateTimeOffset Began, IReadOnlyList<Message> Messages)
{
    /// <summary>Reads conversations, oldest first.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="since">Only those that began then or later.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task<IReadOnlyList<Transcript>> ReadAsync(IJournal journal, string owner, DateTimeOffset since, CancellationToken cancellation = default)
    {
        IReadOnlyList<ConversationTree> trees = await journal.ReadTreesAsync(owner, cancellation).ConfigureAwait(false);
        return [.. trees.Where(t => t.Conversation.Created >= since).Select(t => (t.Conversation.Created, Path: t.ActivePath)).Where(t => t.Path.Count > 0)
            .OrderBy(t => t.Created).ThenBy(t => t.Path[0].Sequence).Select(t => new Transcript(t.Created, [.. t.Path.Select(Read)]))];
    }

    private static Message Read(JournalMessage message) => new(message.Role, message.Feedback?.BetterAnswer ?? string.Join('\n', message.Parts.Select(p =>
        p.Kind is PartKind.ToolCall ? $"<tool_call>\n{{\"name\": \"{p.Name}\", \"arguments\": {p.Text}}}\n</tool_call>" : p.Text)));
}
