using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>Tokens of one author.</summary>
/// <param name="Author">Who wrote them; the template's own tokens belong to the turn that they frame.</param>
/// <param name="Start">Index of the first in the trace.</param>
/// <param name="Length">How many.</param>
/// <param name="IsActor">Whether the actor chose them: only these are learned from. Results of tools and forced tokens never are.</param>
public readonly record struct TraceSpan(Role Author, int Start, int Length, bool IsActor);

/// <summary>Why an episode ended.</summary>
public enum TraceStop
{
    /// <summary>It goes on.</summary>
    None,

    /// <summary>The world ended it.</summary>
    Done,

    /// <summary>A turn was cut off, and the world never saw it.</summary>
    Truncated,

    /// <summary>The actor used up its turns or the context. The reward is what the world had given until then.</summary>
    OutOfTurns,

    /// <summary>The world, the reward or the actor threw an exception. Nothing is learned from it.</summary>
    Failed,
}
