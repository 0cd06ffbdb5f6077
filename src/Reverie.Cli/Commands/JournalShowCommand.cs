using System.CommandLine;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal show</c>: a conversation.</summary>
internal sealed class JournalShowCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalShowCommand(Terminal terminal) : base("show", "Show the branch of a conversation at which its owner stands; with --json all branches.", "journal show ID", "journal show ID --json")
    {
        var id = new Argument<string>("ID") { Description = "Id of the conversation, as journal list shows it." };
        Arguments.Add(id);
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            ConversationTree tree = await journal.ReadTreeAsync(owner, parsed.GetValue(id)!, cancellation)
                ?? throw new ReverieException($"There is no conversation of this id in the journal. See what there is with: {Shell.ProgramName} journal list");
            Show(tree, place.Messages);
            return new
            {
                User = owner,
                tree.Conversation,
                Messages = tree.Messages.Select(m => new
                {
                    m.Id,
                    m.Parent,
                    Role = m.Role.ToString(),
                    m.Created,
                    Parts = m.Parts.Select(p => new { Kind = p.Kind.ToString(), p.Text, p.Name, p.CallId, Spans = p.Spans.Select(s => new { Source = s.Source.ToString(), s.Start, s.Length }) }),
                    m.Reply,
                    m.Feedback,
                    m.IsImported,
                }),
            };
        });
    }

    private static void Show(ConversationTree tree, TextWriter output)
    {
        output.WriteLine($"{Visible(Title(tree.Conversation.Details.Title))}, begun {Local(tree.Conversation.Created)}");
        if (tree.Conversation.Details.SystemPrompt is { } prompt) output.WriteLine($"\nSystem: {Visible(prompt)}");
        foreach (JournalMessage message in tree.ActivePath)
        {
            IReadOnlyList<JournalMessage> versions = tree.Siblings(message);
            string which = versions.Count > 1 ? $" [{versions.Select(v => v.Id).ToList().IndexOf(message.Id) + 1} of {versions.Count}]" : "";
            output.WriteLine($"\n{message.Role}{(message.Reply is { } reply ? $" ({Visible(reply.Model)}{(reply.Adapter is { } adapter ? $" with {Visible(adapter)}" : "")})" : "")}{which}:");
            foreach (MessagePart part in message.Parts)
            {
                output.WriteLine(part.Kind switch
                {
                    PartKind.Reasoning => $"(thinking) {Visible(part.Text)}",
                    PartKind.ToolCall => $"(calls {Visible(part.Name ?? "")}) {Visible(part.Text)}",
                    PartKind.ToolResult => $"(result) {Visible(part.Text)}",
                    PartKind.Document => $"(document {Visible(part.Name ?? "")}, {Figures.Whole(part.Text.Length)} characters)",
                    _ => Visible(part.Text),
                });
            }

            if (message.Feedback is { } feedback) output.WriteLine($"({(feedback.IsGood ? "good" : "bad")}{(feedback.BetterAnswer is { } better ? $"; better: {Visible(better)}" : "")})");
        }
    }
}
