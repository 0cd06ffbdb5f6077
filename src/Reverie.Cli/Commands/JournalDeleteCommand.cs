using System.CommandLine;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal delete</c>: erases what was said.</summary>
internal sealed class JournalDeleteCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalDeleteCommand(Terminal terminal) : base("delete", "Erase a conversation, a message with everything below it, or everything. It cannot be brought back; that and when something was deleted stays.",
        "journal delete ID", "journal delete --message ID", "journal delete --all")
    {
        var id = new Argument<string?>("ID") { Description = "Id of a conversation.", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(id);
        Option<string?> message = Option<string?>("--message", "Id of a message.", "ID");
        Option<bool> all = Option<bool>("--all", "Everything, consent included.");
        Validators.Add(result =>
        {
            int count = (result.GetValue(id) is null ? 0 : 1) + (result.GetValue(message) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0);
            if (count != 1) result.AddError("Give either the ID of a conversation, --message ID or --all.");
        });
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            if (parsed.GetValue(all)) await journal.DeleteEverythingAsync(owner, cancellation);
            else if (parsed.GetValue(message) is { } node) await journal.DeleteMessageAsync(owner, node, cancellation);
            else await journal.DeleteConversationAsync(owner, parsed.GetValue(id)!, cancellation);
            place.Messages.WriteLine("It is erased.");
            return new { User = owner, Deleted = parsed.GetValue(all) ? "everything" : parsed.GetValue(message) ?? parsed.GetValue(id) };
        });
    }
}
