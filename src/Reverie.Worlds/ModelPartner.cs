using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>A model that plays the other side, a customer for instance. It sees the conversation with the roles exchanged, and no tools; nothing is learned from its words.</summary>
/// <param name="engine">The engine; <see cref="Episode.Run"/> steps it.</param>
/// <param name="tokenizer">The model's.</param>
/// <param name="options">How tokens are drawn; seed and length are the episode's.</param>
/// <param name="brief">Whom it plays: <see cref="TaskItem.PartnerBrief"/>.</param>
public sealed class ModelPartner(Generator engine, Tokenizer tokenizer, SamplingOptions options, string brief) : IActor
{
    /// <inheritdoc/>
    public async ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel)
    {
        int[] prompt = tokenizer.ChatTemplate.Render([new Message(Role.System, brief), .. trace.AsPartnerSees()], addGenerationPrompt: true).Tokens;
        if (prompt.Length >= engine.ContextLength) return new Turn("", IsTruncated: true);
        var ended = new TaskCompletionSource<Generation>();
        engine.Submit(new GenerationRequest(prompt, options with { Seed = unchecked((trace.Seed * 1_000_003) + (ulong)trace.TurnCount + (1UL << 63)), MaxTokens = budget.TokensPerTurn })
        {
            Cancellation = cancel,
            OnFinished = ended.SetResult,
        });
        Generation generation = await ended.Task.ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
        if (generation.Failure is { } failure) throw new ReverieException(failure);
        return new Turn(generation.Text);
    }
}
