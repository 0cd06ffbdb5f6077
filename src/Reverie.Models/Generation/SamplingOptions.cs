using System.Collections.ObjectModel;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>How tokens are chosen and when a generation ends. <see cref="Sampler"/> says in which order the filters work.</summary>
public sealed record SamplingOptions
{
    /// <summary>Always the most likely token.</summary>
    public static SamplingOptions Greedy { get; } = new() { Temperature = 0 };

    /// <summary>Logits are divided by this; 0 takes the most likely token, 1 the model's own distribution.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Only so many of the most likely tokens; 0 for all.</summary>
    public int TopK { get; init; }

    /// <summary>Only the fewest most likely tokens that hold this share of the probability (arXiv 1904.09751); 1 for all.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Only tokens with at least this share of the most likely token's probability (arXiv 2407.01082); 0 for all.</summary>
    public float MinP { get; init; }

    /// <summary>Positive logits of tokens seen before are divided by this, negative ones multiplied (arXiv 1909.05858); 1 for no penalty.</summary>
    public float RepetitionPenalty { get; init; } = 1;

    /// <summary>How many of the last tokens, prompt included, count as seen; 0 for all.</summary>
    public int RepetitionWindow { get; init; } = 64;

    /// <summary>Subtracted from the logits of tokens that the reply has (OpenAI's <c>presence_penalty</c>); 0 for none.</summary>
    public float PresencePenalty { get; init; }

    /// <summary>Subtracted from the logits of the reply's tokens for each time that they came (OpenAI's <c>frequency_penalty</c>); 0 for none.</summary>
    public float FrequencyPenalty { get; init; }

    /// <summary>Added to the logits of single tokens (OpenAI's <c>logit_bias</c>): -100 forbids one, 100 demands it; null for none.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; init; }

    /// <summary>Seed of the request's own stream of random numbers: the same seed gives the same tokens, whatever runs beside it.</summary>
    public ulong Seed { get; init; }

    /// <summary>Ends after so many tokens.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Ends where one of these texts appears, cut before it, even in the middle of a token.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Ends at one of these tokens; null for the tokenizer's <c>&lt;|im_end|&gt;</c> and <c>&lt;|endoftext|&gt;</c>.</summary>
    public IReadOnlyList<int>? StopTokens { get; init; }

    /// <summary>How much the reply may reason; null leaves it to the model.</summary>
    public ThinkingBudget? Thinking { get; init; }

    /// <summary>Refuses values that make no sense.</summary>
    /// <exception cref="ReverieException">A value is out of its range, with the range.</exception>
    public SamplingOptions Validate()
    {
        Check(Temperature == 0 || Temperature is >= 0.01f and <= 100, "temperature", Temperature, "0 (the most likely token) or between 0.01 and 100");
        Check(TopK >= 0, "top-k", TopK, "0 (all tokens) or more");
        Check(TopP is > 0 and <= 1, "top-p", TopP, "above 0 and at most 1");
        Check(MinP is >= 0 and <= 1, "min-p", MinP, "between 0 and 1");
        Check(RepetitionPenalty is >= 0.01f and <= 100, "repetition penalty", RepetitionPenalty, "between 0.01 and 100");
        Check(RepetitionWindow >= 0, "repetition window", RepetitionWindow, "0 (the whole text) or more");
        Check(PresencePenalty is >= -2 and <= 2, "presence penalty", PresencePenalty, "between -2 and 2");
        Check(FrequencyPenalty is >= -2 and <= 2, "frequency penalty", FrequencyPenalty, "between -2 and 2");
        foreach ((int token, float bias) in LogitBias ?? ReadOnlyDictionary<int, float>.Empty)
        {
            Check(token >= 0, "token of a logit bias", token, "0 or more");
            Check(bias is >= -100 and <= 100, "logit bias", bias, "between -100 and 100");
        }

        Check(MaxTokens >= 1, "maximum of tokens", MaxTokens, "1 or more");
        Thinking?.Validate();
        if (Stop.Any(string.IsNullOrEmpty)) throw new ReverieException("A stop text is empty, so nothing could be said. Give it some letters.");
        return this;
    }

    private static void Check(bool valid, string name, double value, string range)
    {
        if (!valid) throw new ReverieException(FormattableString.Invariant($"The {name} is {value}; it must be {range}."));
    }
}
