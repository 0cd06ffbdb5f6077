using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A place in the middle of an episode, from which it can be played on in another way.</summary>
/// <param name="Trace">The episode: what was said and drawn before the place is kept, token by token.</param>
/// <param name="Turn">Which of the actor's turns is taken anew, from 0.</param>
/// <param name="World">The world as it stood before that turn. It is forked, and itself does not change.</param>
public sealed record Branch(Trace Trace, int Turn, IWorld World)
{
    /// <summary>The places before each of the actor's turns, found by playing the episode again in a fresh world.</summary>
    /// <param name="trace">The episode.</param>
    /// <param name="item">Its task.</param>
    /// <returns>Each with the reward that the world had given until then.</returns>
    public static IReadOnlyList<(Branch Branch, double Reward)> Of(Trace trace, TaskItem item)
    {
        var branches = new List<(Branch, double)>();
        IWorld world = item.Open();
        world.Reset();
        double reward = 0;
        foreach (Message message in trace.Messages.Skip(trace.PromptMessages))
        {
            if (message.Role == Role.Assistant)
            {
                branches.Add((new Branch(trace, branches.Count, world.Fork()), reward));
                if (branches.Count < trace.TurnCount) reward += world.Step(message.Content).Scores.Where(s => s.Name == Score.Reward).Sum(s => s.Value);
            }
            else if (message.Role == Role.User && world is IHearsPartner hearing)
            {
                hearing.Hear(message.Content);
            }
        }

        return branches;
    }
}
