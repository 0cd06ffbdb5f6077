namespace Reverie.Models;

/// <summary>What a <see cref="Generator"/> is asked to continue.</summary>
/// <param name="Prompt">Tokens, at least one.</param>
/// <param name="Options">How to choose tokens and when to end.</param>
public sealed record GenerationRequest(int[] Prompt, SamplingOptions Options)
{
    /// <summary>Ends it at the next step.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>
    /// Gets the text as it becomes certain, in whole characters and without what could still become a stop text; together the
    /// parts are <see cref="Generation.Text"/>. Called inside <see cref="Generator.Step"/>.
    /// </summary>
    public Action<string>? OnText { get; init; }

    /// <summary>Called inside <see cref="Generator.Step"/> after each token.</summary>
    public Action<Generation>? OnToken { get; init; }

    /// <summary>Called once when it has ended, for whatever reason.</summary>
    public Action<Generation>? OnFinished { get; init; }
}
