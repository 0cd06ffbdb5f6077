namespace Reverie.Worlds;

/// <summary>One judgement of an episode.</summary>
/// <param name="Name">What was judged: <see cref="Reward"/>, or a name that is only reported.</param>
/// <param name="Value">How good it was; a reward of 1 is full marks.</param>
/// <param name="Step">The actor's turn that it is about, from 0; -1 for the whole episode.</param>
public readonly record struct Score(string Name, double Value, int Step = -1)
{
    /// <summary>The name of what an actor is trained for. An episode's reward is the sum of its scores of this name.</summary>
    public const string Reward = "reward";
}
