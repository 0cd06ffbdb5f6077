using System.CommandLine;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal list</c>: the conversations.</summary>
internal sealed class JournalListCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalListCommand(Terminal terminal) : base("list", "List the conversations, last changed first.", "journal list", "journal list --limit 5 --json")
    {
        Option<int> limit = Within(Option("--limit", "How many at most.", 50, "N"), 1, 1000);
        Option<long?> before = Option<long?>("--before", "Go on after the conversation with this sequence number.", "N");
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            IReadOnlyList<Conversation> conversations = await journal.ListConversationsAsync(owner, parsed.GetValue(limit), parsed.GetValue(before) ?? long.MaxValue, cancellation);
            foreach (Conversation c in conversations) place.Messages.WriteLine($"{c.Id}  {Local(c.Updated)}  {Visible(Title(c.Details.Title))}{(c.IsImported ? "  (imported)" : "")}");
            if (conversations.Count == 0) place.Messages.WriteLine("There is nothing in the journal.");
            else if (conversations.Count == parsed.GetValue(limit)) place.Messages.WriteLine($"There may be more: {Shell.ProgramName} journal list --before {conversations[^1].Sequence}");
            return new { User = owner, Conversations = conversations };
        });
    }
}
