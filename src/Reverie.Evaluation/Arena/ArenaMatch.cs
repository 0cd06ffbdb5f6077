using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Two replies to one task, to be compared without knowing whose they are.</summary>
/// <param name="Item">The task.</param>
/// <param name="First">What one did.</param>
/// <param name="Second">What the other did.</param>
public sealed record ArenaMatch(TaskItem Item, Trace First, Trace Second);
