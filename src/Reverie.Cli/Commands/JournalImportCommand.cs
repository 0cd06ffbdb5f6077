using System.CommandLine;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal import</c>: conversations from a file.</summary>
internal sealed class JournalImportCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalImportCommand(Terminal terminal) : base("import", "Take in conversations that journal export or the page wrote, all of them or none. They are marked: nothing in them counts as said by you.", "journal import talks.json")
    {
        var file = new Argument<string>("FILE") { Description = "Where from." };
        Arguments.Add(file);
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            using FileStream stream = Open(parsed.GetValue(file)!);
            IReadOnlyList<Conversation> conversations = await journal.ImportAsync(owner, stream, cancellation);
            place.Messages.WriteLine($"{conversations.Count} conversations came in.");
            return new { User = owner, Conversations = conversations };
        });
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Name another file.", e);
        }
    }
}
