using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>
/// What is shown as one message: what a person said, or a whole reply with the calls and results in it, which the journal keeps as one message for
/// each generation and one for what tools returned.
/// </summary>
public sealed record Turn
{
    /// <summary>Its first message; an edit or another reply is a sibling of it.</summary>
    public required string Id { get; init; }

    /// <summary>Its last message, which feedback is about and the next turn follows.</summary>
    public required string Last { get; init; }

    /// <summary>The message before it.</summary>
    public string? Parent { get; init; }

    /// <summary>Who speaks.</summary>
    public required Role Role { get; init; }

    /// <summary>What it consists of, results beside their calls.</summary>
    public required IReadOnlyList<TurnPart> Parts { get; init; }

    /// <summary>Its versions, oldest first.</summary>
    public required IReadOnlyList<string> Siblings { get; init; }

    /// <summary>Who replied and what the last generation took; null where no model did.</summary>
    public ReplyDetails? Reply { get; init; }

    /// <summary>What the user thinks of it.</summary>
    public Feedback? Feedback { get; init; }

    /// <summary>Where it stands among its versions, from 0.</summary>
    public int Version => Siblings.TakeWhile(s => s != Id).Count();

    /// <summary>What was said, without thoughts, calls and documents.</summary>
    public string Text => string.Concat(Parts.Where(p => p.Kind is PartKind.Text).Select(p => p.Text));

    /// <summary>The turns of a branch.</summary>
    public static IReadOnlyList<Turn> Of(ConversationTree tree, IReadOnlyList<JournalMessage> path)
    {
        var turns = new List<Turn>();
        for (int i = 0, end; i < path.Count; i = end)
        {
            for (end = i + 1; end < path.Count && !IsPerson(path[i].Role) && !IsPerson(path[end].Role) && !EndsTurn(path[end - 1]);) end++;
            JournalMessage first = path[i], last = path[end - 1];
            IEnumerable<JournalMessage> messages = path.Skip(i).Take(end - i);
            turns.Add(new Turn
            {
                Id = first.Id,
                Last = last.Id,
                Parent = first.Parent,
                Role = first.Role,
                Parts = TurnPart.Join(messages.SelectMany(m => m.Parts)),
                Siblings = [.. tree.Siblings(first).Select(m => m.Id)],
                Reply = messages.LastOrDefault(m => m.Reply is not null)?.Reply,
                Feedback = last.Feedback,
            });
        }

        return turns;
    }

    private static bool IsPerson(Role role) => role is Role.User or Role.System;

    /// <summary>A reply that calls nothing is the end; another one after it is a turn of its own.</summary>
    private static bool EndsTurn(JournalMessage message) => message.Role is Role.Assistant && !message.Parts.Any(p => p.Kind is PartKind.ToolCall);
}

/// <summary>A part of a turn.</summary>
/// <param name="Kind">What it is; a result is with its call.</param>
/// <param name="Text">Its text; a call's arguments.</param>
/// <param name="Name">Name of the tool or document.</param>
/// <param name="CallId">The call's id.</param>
/// <param name="Result">What the tool returned; null while it has not.</param>
public sealed record TurnPart(PartKind Kind, string Text, string? Name = null, string? CallId = null, string? Result = null)
{
    /// <summary>Parts with the results beside their calls.</summary>
    public static IReadOnlyList<TurnPart> Join(IEnumerable<MessagePart> parts)
    {
        var joined = new List<TurnPart>();
        foreach (MessagePart part in parts)
        {
            int call = part.Kind is PartKind.ToolResult ? joined.FindLastIndex(p => p.Kind is PartKind.ToolCall && p.CallId == part.CallId && p.Result is null) : -1;
            if (call >= 0) joined[call] = joined[call] with { Result = part.Text };
            else if (part.Text.Length > 0 || part.Kind is PartKind.ToolCall) joined.Add(new TurnPart(part.Kind, part.Text, part.Name, part.CallId));
        }

        return joined;
    }
}
