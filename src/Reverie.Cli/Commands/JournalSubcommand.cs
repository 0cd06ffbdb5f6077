using System.CommandLine;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary>A command on somebody's journal.</summary>
internal abstract class JournalSubcommand : ReverieCommand
{
    private readonly Option<string> _user;
    private readonly Option<string?> _journal, _workspace;
    private readonly Option<bool> _json;

    /// <summary>Creates a command.</summary>
    protected JournalSubcommand(string name, string description, params string[] examples) : base(name, description, examples)
    {
        _user = Option("--user", "Whose journal.", "local", "NAME");
        _journal = Option<string?>("--journal", $"File or PostgreSQL database (postgres://...) of the journal. [default: {JournalStore.Variable}, or journal.db in the workspace]", "WHERE");
        _workspace = WorkspaceOption();
        _json = JsonOption();
    }

    /// <summary>Does the work on the open journal; <paramref name="act"/> tells people by the terminal's messages and returns the JSON object.</summary>
    protected void Act(Terminal terminal, Func<ParseResult, IJournal, string, Terminal, CancellationToken, Task<object>> act) => SetAction(async (parsed, cancellation) =>
    {
        bool isJson = parsed.GetValue(_json);
        Terminal place = isJson ? terminal.ForJson() : terminal;
        await using IJournal journal = await JournalStore.OpenAsync(WorkspaceOf(parsed), parsed.GetValue(_journal), place.Messages.WriteLine, cancellation);
        object result = await act(parsed, journal, parsed.GetValue(_user)!, place, cancellation);
        if (isJson) JsonResult.Write(terminal.Output, result);
        place.Messages.Flush();
        return ExitCode.Success;
    });

    /// <summary>Adds the choice to give a consent, to withdraw it, or to see what was said.</summary>
    protected Argument<string> OnOffOrShow(string description)
    {
        var choice = new Argument<string>("on|off|show") { Description = description, DefaultValueFactory = _ => "show" };
        choice.AcceptOnlyFromAmong("on", "off", "show");
        Arguments.Add(choice);
        return choice;
    }

    /// <summary>Shows what was said of a consent.</summary>
    protected static void Show(Terminal place, IReadOnlyList<Consent> history)
    {
        foreach (Consent said in history) place.Messages.WriteLine($"  {Local(said.Said)}  {(said.IsGiven ? "yes" : "no ")}  {Visible(said.Wording)}");
    }

    /// <summary>The workspace that was named.</summary>
    protected Workspace WorkspaceOf(ParseResult parsed) => new(parsed.GetValue(_workspace));

    /// <summary>What is said of a title that is none.</summary>
    protected static string Title(string title) => title.Length > 0 ? title : "(no title)";

    /// <summary>Text that cannot steer a terminal.</summary>
    protected static string Visible(string text) => string.Concat(text.Where(c => !char.IsControl(c) || c is '\n' or '\t'));

    /// <summary>A time as people read it.</summary>
    protected static string Local(DateTimeOffset time) => time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
