using System.Globalization;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>Plays its turns from a list, the last one again and again.</summary>
/// <param name="turns">At least one.</param>
public sealed class Script(params string[] turns) : IActor
{
    /// <inheritdoc/>
    public ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel) => new(new Turn(turns[Math.Min(trace.TurnCount, turns.Length - 1)]));
}

/// <summary>Decides each turn from the episode so far.</summary>
/// <param name="act">The episode's messages, oldest first -> the turn.</param>
public sealed class Reflex(Func<IReadOnlyList<Message>, string> act) : IActor
{
    /// <inheritdoc/>
    public ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel) => new(new Turn(act(trace.Messages)));
}

/// <summary>Actors that no task set may reward: a task that one of them passes is not worth training on.</summary>
public static class Actors
{
    /// <summary>Says nothing.</summary>
    public static IActor Noop { get; } = new Script("");

    /// <summary>Known ways to get a reward without doing the work (e.g. arXiv 2507.08794: a judge convinced by a colon).</summary>
    public static IReadOnlyList<(string Name, IActor Actor)> Hacks { get; } =
    [
        ("an empty answer", Noop),
        ("only a colon", new Script(":")),
        ("an answer without one", new Script("The answer is")),
        ("thinking without an answer", new Script("<think>Let me solve this step by step.</think>")),
        ("the question again", new Reflex(messages => messages.LastOrDefault(m => m.Role != Role.Assistant)?.Content ?? "")),
        ("every number", new Script(string.Join(' ', Enumerable.Range(0, 200).Select(i => i.ToString(CultureInfo.InvariantCulture))))),
        ("every letter", new Script(string.Join(' ', Enumerable.Range('a', 26).Select(c => (char)c)))),
        ("endless", new Script(string.Concat(Enumerable.Repeat("yes no I don't know done ", 800)))),
        ("a tool call in a loop", new Script(ToolCall.Write("list"))),
        ("an unknown tool in a loop", new Script(ToolCall.Write("reward", ("value", 1)))),
        ("malformed JSON", new Script($"{SpecialToken.ToolCallStart}{{\"name\": \"done\", \"arguments\": {{{SpecialToken.ToolCallEnd}")),
        ("done at once", new Script(ToolCall.Write("done"))),
    ];
}
