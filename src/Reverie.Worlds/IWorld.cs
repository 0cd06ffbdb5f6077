using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// What an actor acts in. A world is deterministic: the same turns lead to the same state, so that an episode can be replayed, and
/// forked in the middle to try another way on.
/// </summary>
public interface IWorld
{
    /// <summary>Goes back to the start.</summary>
    /// <returns>What the actor sees first; it ends with a message that is not the actor's.</returns>
    IReadOnlyList<Message> Reset();

    /// <summary>Takes the actor's turn.</summary>
    /// <param name="turn">What the actor wrote, its reasoning and tool calls included.</param>
    StepResult Step(string turn);

    /// <summary>A copy of the world as it stands; steps of one do not touch the other.</summary>
    IWorld Fork();

    /// <summary>A hash of everything that the state consists of.</summary>
    ulong Hash { get; }
}

/// <summary>What a world answers to a turn.</summary>
/// <param name="Messages">What the actor sees next: results of tools, or what the other side says. Empty when the episode is over, or when the other side is to speak.</param>
/// <param name="Done">Whether the episode is over.</param>
/// <param name="Scores">Judgements of this step.</param>
public sealed record StepResult(IReadOnlyList<Message> Messages, bool Done, IReadOnlyList<Score> Scores)
{
    /// <summary>The episode is over with this reward.</summary>
    public static StepResult End(double reward) => new([], true, [new Score(Score.Reward, reward)]);

    /// <summary>A tool's result; the episode goes on.</summary>
    public static StepResult Tool(string result) => new([new Message(Role.Tool, result)], false, []);

    /// <summary>The turn was said to the other side, which answers now.</summary>
    public static StepResult ToPartner { get; } = new([], false, []);
}
