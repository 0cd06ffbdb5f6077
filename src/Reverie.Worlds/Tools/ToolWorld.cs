using System.Globalization;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A world in which each turn calls a tool or says something. What changes must be immutable values in fields: then a copy of the fields is a fork.</summary>
/// <param name="prompt">What the actor sees first.</param>
/// <param name="maximumTurns">At this turn the episode ends, without a reward if the turn does not end it by itself.</param>
public abstract class ToolWorld(IReadOnlyList<Message> prompt, int maximumTurns) : IWorld
{
    private int _turns;

    /// <inheritdoc/>
    public ulong Hash => StateHash.Of(_turns.ToString(CultureInfo.InvariantCulture), State);

    /// <summary>Everything that the state consists of, as text.</summary>
    protected abstract string State { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Message> Reset()
    {
        _turns = 0;
        Start();
        return prompt;
    }

    /// <inheritdoc/>
    public StepResult Step(string turn)
    {
        _turns++;
        StepResult result = ToolCall.Parse(turn, out string? error) is { } call ? Call(call)
            : error is not null ? StepResult.Tool(error)
            : Say(Reply.Answer(turn));
        return result.Done || _turns < maximumTurns ? result : StepResult.End(0);
    }

    /// <inheritdoc/>
    public IWorld Fork() => (IWorld)MemberwiseClone();

    /// <summary>Goes back to the start.</summary>
    protected abstract void Start();

    /// <summary>Carries out a call.</summary>
    protected abstract StepResult Call(ToolCall call);

    /// <summary>Takes a turn without a call.</summary>
    protected abstract StepResult Say(string text);
}
