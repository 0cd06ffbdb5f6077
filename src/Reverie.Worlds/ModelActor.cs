using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>A model that acts. Its tokens go into the trace as they were drawn, with the probabilities that training will compute again to the bit.</summary>
/// <param name="engine">The engine; <see cref="Episode.Run"/> steps it.</param>
/// <param name="options">How tokens are drawn; seed and length are the episode's.</param>
/// <param name="version">The model's version, as traces name it.</param>
public sealed class ModelActor(Generator engine, SamplingOptions options, string version = "") : IActor
{
    /// <inheritdoc/>
    public async ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel)
    {
        trace.Model = version;
        int[] prompt = trace.PromptForActor();
        if (prompt.Length >= engine.ContextLength) return new Turn("", [], [], IsTruncated: true);

        var ended = new TaskCompletionSource<Generation>();
        engine.Submit(new GenerationRequest(prompt, options with { Seed = unchecked((trace.Seed * 1_000_003) + (ulong)trace.TurnCount), MaxTokens = budget.TokensPerTurn })
        {
            Cancellation = cancel,
            OnFinished = ended.SetResult,
        });
        Generation generation = await ended.Task.ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        if (generation.Failure is { } failure) throw new ReverieException(failure);
        bool isWhole = generation.StopReason is StopReason.StopToken or StopReason.EndOfText;
        return new Turn(generation.Text, generation.Tokens.ToArray(), generation.LogProbabilities.ToArray(), !isWhole) { Forced = generation.Forced.Contains(true) ? generation.Forced.ToArray() : null };
    }
}
