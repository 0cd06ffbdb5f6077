using System.CommandLine;
using Reverie.Chat;
using Reverie.Cli.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Web;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie chat</c>: talk to a model.</summary>
internal sealed class ChatCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ChatCommand(Terminal terminal) : base("chat",
        "Talk to a model. Ctrl+C stops a reply, twice leaves; /help lists what can be typed besides. With --remember the conversation is one of those on the page: reverie sleep studies it.",
        "chat", "chat --remember", "chat reverie --temperature 0.8", "chat reverie@2 --system \"You are a friendly teacher.\"")
    {
        var model = new Argument<string?>("MODEL") { Description = "Name, name@version, folder or .gguf file. [default: the model made last]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<string?> system = Option<string?>("--system", "The system message.", "TEXT");
        var sampling = new SamplingFlags(this, ChatDefaults.Options);
        var flags = new ModelFlags(this);
        Option<bool> remember = Option<bool>("--remember", "Keep the conversation in the journal, remind the model of what was said in others, and let it wear what it learned asleep.");
        Option<string> user = Option("--user", "With --remember: who talks.", PageOptions.LocalUser, "NAME");
        Option<string?> journal = Option<string?>("--journal", $"With --remember: file or PostgreSQL database (postgres://...) of the journal. [default: {JournalStore.Variable}, or journal.db in the workspace]", "WHERE");
        Option<int> threads = ThreadsOption();
        Option<string?> workspace = WorkspaceOption();
        Validators.Add(result =>
        {
            if (!result.GetValue(remember) && (result.GetResult(user) is { Implicit: false } || result.GetResult(journal) is not null))
                result.AddError("--user and --journal say whose conversation is kept, and where. Add --remember.");
        });
        SetAction(async parsed =>
        {
            var place = new Workspace(parsed.GetValue(workspace));
            if (parsed.GetValue(remember))
            {
                ModelChoice choice = flags.Read(parsed);
                bool isFolder = Directory.Exists(choice.Adapter);
                ChatSettings settings = Settings(sampling.Read(parsed), sampling.SeedOf(parsed)) with { Model = parsed.GetValue(model) ?? ModelInUse.Newest(place), Adapter = isFolder ? "given" : choice.Adapter };
                var catalog = new ModelCatalog(place, new ModelCatalogOptions
                {
                    Default = settings.Model,
                    Threads = parsed.GetValue(threads),
                    Adapters = isFolder ? new Dictionary<string, string> { ["given"] = choice.Adapter! } : [],
                    Model = new ChatModelOptions { Precision = choice.Precision },
                });
                await using var talk = new RememberedTalk(catalog, place, await JournalStore.OpenAsync(place, parsed.GetValue(journal), terminal.Messages.WriteLine), parsed.GetValue(user)!, settings, terminal.Words);
                return Talk(terminal, talk, settings.Model, parsed.GetValue(user)!, parsed.GetValue(system));
            }

            using var inUse = ModelInUse.Open(place, parsed.GetValue(model), parsed.GetValue(threads), 1, flags.Read(parsed));
            return Talk(terminal, inUse, sampling.Read(parsed), parsed.GetValue(system));
        });
    }

    /// <summary>What the page keeps with a conversation.</summary>
    private static ChatSettings Settings(SamplingOptions sampling, ulong? seed) => new()
    {
        Temperature = sampling.Temperature,
        TopP = sampling.TopP,
        TopK = sampling.TopK,
        MinP = sampling.MinP,
        RepetitionPenalty = sampling.RepetitionPenalty,
        MaxTokens = sampling.MaxTokens,
        Seed = (long?)seed,
    };

    private static int Talk(Terminal terminal, RememberedTalk talk, string model, string user, string? system)
    {
        // A model that cannot be used is found out now, and not after the first message.
        string? morning = talk.Morning;
        talk.System = system;
        if (terminal.IsInteractive)
        {
            terminal.Output.WriteLine($"{model}, {(morning is null ? "which has learned nothing asleep yet" : $"as it woke on morning {morning}")}. What you say goes to the journal of {user}; /help for more, /exit to leave.");
            if (!terminal.KnowsPastes) terminal.Output.WriteLine("This terminal does not tell what is typed from what is pasted, so that sleep learns nothing of it.");
        }

        return new ChatLoop(terminal, talk).Run();
    }

    /// <summary>Talks in the terminal until the person leaves.</summary>
    public static int Talk(Terminal terminal, ModelInUse model, SamplingOptions sampling, string? system)
    {
        var session = new ChatSession(model.Generator, model.Tokenizer, sampling, system);
        if (terminal.IsInteractive)
            terminal.Output.WriteLine($"{model.Name}, {Figures.Short(model.Transformer.Config.ParameterCount)} parameters. Say something; /help for more, /exit to leave.");
        return new ChatLoop(terminal, new PassingTalk(session)).Run();
    }
}
