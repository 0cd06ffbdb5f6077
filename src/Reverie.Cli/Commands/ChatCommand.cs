using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie chat</c>: talk to a model.</summary>
internal sealed class ChatCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ChatCommand(Terminal terminal) : base("chat",
        "Talk to a model. Ctrl+C stops a reply, twice leaves; /help lists what can be typed besides.",
        "chat", "chat reverie --temperature 0.8", "chat reverie@2 --system \"You are a friendly teacher.\"")
    {
        var model = new Argument<string?>("MODEL") { Description = "Name, name@version, folder or .gguf file. [default: the model made last]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<string?> system = Option<string?>("--system", "The system message.", "TEXT");
        var sampling = new SamplingFlags(this, ChatDefaults.Options);
        var flags = new ModelFlags(this);
        Option<int> threads = ThreadsOption();
        Option<string?> workspace = WorkspaceOption();
        SetAction(parsed =>
        {
            var place = new Workspace(parsed.GetValue(workspace));
            using var inUse = ModelInUse.Open(place, parsed.GetValue(model), parsed.GetValue(threads), 1, flags.Read(parsed));
            return Talk(terminal, inUse, sampling.Read(parsed), parsed.GetValue(system));
        });
    }

    /// <summary>Talks in the terminal until the person leaves.</summary>
    public static int Talk(Terminal terminal, ModelInUse model, SamplingOptions sampling, string? system)
    {
        var session = new ChatSession(model.Generator, model.Tokenizer, sampling, system);
        if (terminal.IsInteractive)
            terminal.Output.WriteLine($"{model.Name}, {Figures.Short(model.Transformer.Config.ParameterCount)} parameters. Say something; /help for more, /exit to leave.");
        return new ChatLoop(terminal, session).Run();
    }
}
