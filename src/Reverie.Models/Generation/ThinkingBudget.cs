using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// How much a reply may reason between <c>&lt;think&gt;</c> and <c>&lt;/think&gt;</c> ("budget forcing", arXiv 2501.19393). Below the minimum
/// neither the end of the reasoning nor the end of the turn can be drawn; at the maximum the reasoning is ended. Tokens that are set and not
/// drawn are marked in <see cref="Generation.Forced"/>.
/// </summary>
/// <param name="Minimum">At least so many tokens of reasoning; above 0 the reply begins with it.</param>
/// <param name="Maximum">At most so many; 0 begins the reply with empty reasoning.</param>
public sealed record ThinkingBudget(int Minimum = 0, int Maximum = int.MaxValue)
{
    /// <summary>No reasoning at all: <c>&lt;think&gt;&lt;/think&gt;</c> and then the answer.</summary>
    public static ThinkingBudget None { get; } = new(0, 0);

    /// <summary>Refuses values that make no sense.</summary>
    /// <exception cref="ReverieException">The minimum is negative or above the maximum.</exception>
    public void Validate()
    {
        if (Minimum < 0 || Maximum < Minimum) throw new ReverieException($"The thinking budget is {Minimum} to {Maximum} tokens; its minimum must be 0 or more and not above its maximum.");
    }
}
