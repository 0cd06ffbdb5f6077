namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal</c>: what was said, and what may be learnt from it.</summary>
internal sealed class JournalCommand : ReverieCommand
{
    /// <summary>Creates the command with those below it.</summary>
    public JournalCommand(Terminal terminal) : base("journal", "See, search, carry away and delete what was said, and say whether it may be learnt from.",
        "journal list", "journal search \"red kite\"", "journal export talks.json", "journal consent on", "journal about")
    {
        Subcommands.Add(new JournalListCommand(terminal));
        Subcommands.Add(new JournalShowCommand(terminal));
        Subcommands.Add(new JournalSearchCommand(terminal));
        Subcommands.Add(new JournalExportCommand(terminal));
        Subcommands.Add(new JournalImportCommand(terminal));
        Subcommands.Add(new JournalDeleteCommand(terminal));
        Subcommands.Add(new JournalConsentCommand(terminal));
        Subcommands.Add(new JournalShareCommand(terminal));
        Subcommands.Add(new JournalAboutCommand(terminal));
    }
}
