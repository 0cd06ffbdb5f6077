using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A way to be a customer.</summary>
/// <param name="Name">For reports.</param>
/// <param name="Before">What is said before the wish.</param>
/// <param name="After">What is said after it.</param>
/// <param name="Insists">What is said to a refusal, one after the other, before giving in.</param>
/// <param name="Forgets">Whether the number of the order has been forgotten.</param>
internal sealed record Persona(string Name, Wordings Before, Wordings After, string[] Insists, bool Forgets = false)
{
    private static readonly Wordings _nothing = new([""], [""]);

    /// <summary>The personas.</summary>
    public static IReadOnlyList<Persona> All { get; } =
    [
        new("brief", _nothing, _nothing, []),
        new("polite", new(["Hello! ", "Good morning! "], ["Good day! "]), new([" Thank you!", " Please help me."], [" Please."]), []),
        new("chatty", new(["Hello! What a nice day. I was in your shop with my sister and it was so much fun. ", "Good morning! My mother says you are very kind. "], ["Hello! My friend told me about your shop and I like it. "]),
            new([" My sister says hello.", " It is raining here."], [" My mother says hello."]), []),
        new("angry", new(["This is bad! ", "I am very angry! "], ["I am angry! This is so bad! "]), new([" Do it now!", " I do not want to wait!"], [" I want it now!"]), ["That is bad! I am angry!"]),
        new("insisting", _nothing, new([" You must do it."], [" I know that you can."]), ["But I want it!", "You must do it!"]),
        new("forgetful", new(["", "Hello! "], ["Good day! "]), _nothing, [], Forgets: true),
        new("angry and forgetful", new(["I am very angry! "], ["This is bad! "]), _nothing, ["But I want it!"], Forgets: true),
    ];
}

/// <summary>
/// The customer as a script: what is said next follows from what was said so far and from nothing else, so that episodes replay and fork.
/// </summary>
/// <param name="persona">The way to be.</param>
/// <param name="order">The order that it is about.</param>
/// <param name="name">The customer's name.</param>
/// <param name="substitute">What the customer takes instead where no refund is possible; null for nothing.</param>
internal sealed class Customer(Persona persona, Order order, string name, string? substitute) : IActor
{
    /// <inheritdoc/>
    public ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel)
    {
        string[] heard = [.. trace.Messages.Skip(trace.PromptMessages).Where(m => m.Role == Role.Assistant && ToolCall.Parse(m.Content, out string? error) is null && error is null).Select(m => Reply.Answer(m.Content))];
        return new(new Turn(AnswerTo(heard)));
    }

    /// <summary>The answer to the last of what the other side has said.</summary>
    public string AnswerTo(IReadOnlyList<string> heard)
    {
        string last = heard[^1];
        if (Refusal.IsIn(last))
        {
            int refused = heard.Count(Refusal.IsIn);
            if (refused <= persona.Insists.Length) return persona.Insists[refused - 1];
            return substitute is not null && Reply.HasWords(last, "exchange") ? $"Then I want a {substitute}." : "Goodbye then.";
        }

        if (last.Contains('?'))
        {
            if (Reply.HasWords(last, "name")) return $"My name is {name}.";
            if (Reply.HasWords(last, "number")) return persona.Forgets ? $"I do not remember it. My name is {name}." : $"It is {order.Number}.";
            return substitute is not null && Reply.HasWords(last, "instead") ? $"A {substitute}." : "I have told you what I want.";
        }

        return last.Length < 2 ? "What do you say?" : "Thank you. Goodbye.";
    }
}

/// <summary>Words by which something is refused.</summary>
internal static class Refusal
{
    private static readonly string[] Words = ["cannot", "can't", "can not", "unable", "not possible", "not allowed", "won't"];

    /// <summary>Whether the text refuses.</summary>
    public static bool IsIn(string text) => Array.Exists(Words, w => text.Contains(w, StringComparison.OrdinalIgnoreCase));
}
