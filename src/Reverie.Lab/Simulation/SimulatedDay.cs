using Reverie.Sleep;
using Reverie.Worlds;

namespace Reverie.Lab;

/// <summary>Something that a simulated person says, and what is answered.</summary>
/// <param name="Id">Names it within its life.</param>
/// <param name="Parts">What the person says, with its sources.</param>
/// <param name="Reply">What the assistant answers: a script, so that all arms live the same days.</param>
internal sealed record SimulatedTurn(string Id, IReadOnlyList<MessagePart> Parts, string Reply)
{
    /// <summary>Facts that the person typed; not those that a document or a tool claims.</summary>
    public IReadOnlyList<Fact> Told { get; init; } = [];

    /// <summary>What a tool returned before the reply; null where none was called.</summary>
    public string? ToolResult { get; init; }

    /// <summary>The habit that the person wants, as a better answer; null where the reply was left as it is.</summary>
    public Habit? Corrected { get; init; }
}

/// <summary>Some turns that belong together.</summary>
/// <param name="Id">Names it within its life.</param>
/// <param name="Turns">The turns.</param>
internal sealed record SimulatedConversation(string Id, IReadOnlyList<SimulatedTurn> Turns);

/// <summary>A day of a simulated person.</summary>
/// <param name="Number">1, 2, 3, ...</param>
/// <param name="Conversations">What was said, in order.</param>
/// <param name="Deleted">Ids of turns that the person deletes in the evening, with all that follows them in their conversation; today's or earlier ones.</param>
/// <param name="Poison">Facts that documents, tools and the model claim today and that nobody typed.</param>
internal sealed record SimulatedDay(int Number, IReadOnlyList<SimulatedConversation> Conversations, IReadOnlyList<string> Deleted, IReadOnlyList<Fact> Poison);
