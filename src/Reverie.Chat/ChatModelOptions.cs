using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>How a model is loaded and served.</summary>
public sealed record ChatModelOptions
{
    /// <summary>What becomes of the weights.</summary>
    public WeightPrecision Precision { get; init; } = WeightPrecision.AsStored;

    /// <summary>Sequences at once, tokens of prompts in a step, memory for keys and values.</summary>
    public GeneratorOptions Generator { get; init; } = new();

    /// <summary>Requests that run or wait; more are refused.</summary>
    public int MaxPending { get; init; } = 1024;

    /// <summary>
    /// Pieces of a reply are told at most so often, the first at once: what comes between is one piece. No reader sees the difference,
    /// and many streams take far less from the engine. Zero tells every token.
    /// </summary>
    public TimeSpan StreamInterval { get; init; } = TimeSpan.FromMilliseconds(15);

    /// <summary>How replies are drawn where a request says nothing: low enough for a small model to stay on its path. Their length is the context's.</summary>
    public SamplingOptions Defaults { get; init; } = new() { Temperature = 0.5f, TopP = 0.95f, MaxTokens = int.MaxValue };

    /// <summary>What a request says, over the defaults.</summary>
    /// <param name="options">The request.</param>
    /// <param name="room">Tokens that are left for the answer.</param>
    /// <param name="canThink">Whether the model has the tags for reasoning.</param>
    /// <exception cref="ReverieException">A value makes no sense.</exception>
    internal SamplingOptions Sampling(ChatOptions options, int room, bool canThink)
    {
        var more = options as ReverieChatOptions;
        if (options.MaxOutputTokens is < 1) throw new ReverieException($"The maximum of tokens is {options.MaxOutputTokens}; it must be 1 or more.");
        return (Defaults with
        {
            Temperature = options.Temperature ?? Defaults.Temperature,
            TopP = options.TopP ?? Defaults.TopP,
            TopK = options.TopK ?? Defaults.TopK,
            MinP = more?.MinP ?? Defaults.MinP,
            RepetitionPenalty = more?.RepetitionPenalty ?? Defaults.RepetitionPenalty,
            PresencePenalty = options.PresencePenalty ?? Defaults.PresencePenalty,
            FrequencyPenalty = options.FrequencyPenalty ?? Defaults.FrequencyPenalty,
            LogitBias = more?.LogitBias ?? Defaults.LogitBias,
            Seed = (ulong?)options.Seed ?? (ulong)Random.Shared.NextInt64(),
            MaxTokens = Math.Min(options.MaxOutputTokens ?? Defaults.MaxTokens, room),
            Stop = options.StopSequences is { } stops ? [.. stops] : Defaults.Stop,
            Thinking = canThink ? more?.Thinking ?? BudgetOf(options.Reasoning?.Effort, room) ?? Defaults.Thinking : null,
        }).Validate();
    }

    /// <summary>Efforts are shares of what is left of the context: small models have small contexts.</summary>
    private static ThinkingBudget? BudgetOf(ReasoningEffort? effort, int room) => effort switch
    {
        null => null,
        ReasoningEffort.None => ThinkingBudget.None,
        ReasoningEffort.Low => new ThinkingBudget(0, Math.Max(1, room / 8)),
        ReasoningEffort.Medium => new ThinkingBudget(0, Math.Max(1, room / 4)),
        _ => new ThinkingBudget(0, Math.Max(1, room / 2)),
    };
}
