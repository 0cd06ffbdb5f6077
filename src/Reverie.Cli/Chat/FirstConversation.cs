using Reverie.Models;

namespace Reverie.Cli.Chat;

/// <summary>What a visitor might say to a new model, where nobody sits at the terminal to say it.</summary>
internal static class FirstConversation
{
    // The story comes first: the rest has to fit into the context together, so that the name is remembered.
    private static readonly string[] _lines = ["Tell me a story about a fox.", "Hello! My name is Ada.", "What is 27 + 45?", "Spell garden.", "What is my name?"];

    /// <summary>Prints the conversation, greedily answered.</summary>
    public static void Print(Terminal terminal, ModelInUse model)
    {
        var session = new ChatSession(model.Generator, model.Tokenizer, SamplingOptions.Greedy with { MaxTokens = ChatDefaults.Options.MaxTokens });
        var loop = new ChatLoop(terminal, new PassingTalk(session));
        foreach (string line in _lines)
        {
            terminal.Messages.WriteLine($"> {line}");
            loop.Reply(line);
        }
    }
}
