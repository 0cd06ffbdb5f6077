using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary>A command on what a model wears for a person.</summary>
internal abstract class MorningSubcommand : ReverieCommand
{
    private readonly Option<string> _user;
    private readonly Option<string?> _model, _workspace;
    private readonly Option<bool> _company, _json;

    /// <summary>Creates a command.</summary>
    protected MorningSubcommand(string name, string description, params string[] examples) : base(name, description, examples)
    {
        _user = Option("--user", "Whose mornings.", "local", "NAME");
        _company = Option<bool>("--company", "The company's mornings, which everybody's stand on.");
        _model = Option<string?>("--model", "Name or name@version. [default: the model made last]", "MODEL");
        _workspace = WorkspaceOption();
        _json = JsonOption();
    }

    /// <summary>Changes what the model wears, and says what it wears then.</summary>
    protected void Act(Terminal terminal, Action<ParseResult, Mornings, string> change) => SetAction(parsed =>
    {
        var workspace = new Workspace(parsed.GetValue(_workspace));
        (string name, string id) = Base(workspace, parsed.GetValue(_model));
        Mornings mornings = Of(workspace, parsed.GetValue(_company), parsed.GetValue(_user)!);
        change(parsed, mornings, id);
        Morning? current = mornings.Current(id);
        bool isPinned = mornings.IsPinned(id);
        if (parsed.GetValue(_json)) JsonResult.Write(terminal.Output, new { User = mornings.Owner, Model = name, BaseId = id, Current = current?.Number ?? 0, Pinned = isPinned, Hash = current?.AdapterHash });
        else terminal.Output.WriteLine($"{name} answers {mornings.Owner} {Words(current)}{(isPinned ? ", pinned" : "")}.");
        return ExitCode.Success;
    });

    /// <summary>Somebody's mornings, or the company's.</summary>
    public static Mornings Of(Workspace workspace, bool isCompany, string user) => isCompany ? Mornings.OfCompany(workspace) : new Mornings(workspace, user);

    /// <summary>What a model wears, in words.</summary>
    public static string Words(Morning? current) => current is null ? "without memories" : $"with morning {current.Number} ({current.AdapterHash[..12]})";

    /// <summary>Name with version, and id, of the model that mornings are made for.</summary>
    /// <exception cref="ReverieException">It is not there, or nobody knows who it is.</exception>
    public static (string Name, string Id) Base(Workspace workspace, string? model)
    {
        string path = workspace.Resolve(model ??= ModelInUse.Newest(workspace));
        Lineage lineage = Checkpoint.ReadLineage(path) ?? throw new ReverieException($"{model} has no {Lineage.FileName}, so no mornings are made for it. Take it in first: {Shell.ProgramName} models import {model} --name NAME");
        return ($"{lineage.Name}@{lineage.Version}", lineage.Id);
    }
}
