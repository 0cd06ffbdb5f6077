using System.CommandLine;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal export</c>: conversations into a file.</summary>
internal sealed class JournalExportCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalExportCommand(Terminal terminal) : base("export", "Write conversations with all their branches, feedback and traces into a JSON file that its owner alone can read.",
        "journal export talks.json", "journal export one.json --id ID")
    {
        var file = new Argument<string>("FILE") { Description = "Where to." };
        Arguments.Add(file);
        Option<string[]> ids = Option<string[]>("--id", "A conversation; may be given several times. [default: all]", "ID");
        Act(terminal, (parsed, journal, owner, place, cancellation) =>
        {
            string path = parsed.GetValue(file)!;
            IReadOnlyList<string>? chosen = parsed.GetValue(ids) is { Length: > 0 } some ? some : null;
            AtomicFile.Write(path, stream =>
            {
                if (!OperatingSystem.IsWindows() && stream is FileStream owned) File.SetUnixFileMode(owned.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
                journal.ExportAsync(owner, stream, chosen, cancellation).GetAwaiter().GetResult();
            });
            long bytes = new FileInfo(path).Length;
            place.Messages.WriteLine($"{path}: {Figures.Bytes(bytes)}. Take it in elsewhere with: {Shell.ProgramName} journal import FILE");
            return Task.FromResult<object>(new { User = owner, File = Path.GetFullPath(path), Bytes = bytes });
        });
    }
}
