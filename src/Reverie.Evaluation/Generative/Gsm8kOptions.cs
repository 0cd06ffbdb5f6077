namespace Reverie.Evaluation;

/// <summary>How <see cref="Gsm8kTask"/> is asked. The defaults are lm-evaluation-harness's.</summary>
public sealed record Gsm8kOptions
{
    /// <summary>Worked examples before each question.</summary>
    public int Shots { get; init; } = 5;

    /// <summary>At most so many questions; null for all.</summary>
    public int? Limit { get; init; }

    /// <summary>Seed of the examples' draw, and of the samples'.</summary>
    public int Seed { get; init; } = 1234;

    /// <summary>Asks in the chat template, each example a turn of the conversation, instead of in plain text.</summary>
    public bool Chat { get; init; }

    /// <summary>Longest reply; less where the model's context is not twice as long.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Replies to each question.</summary>
    public int Samples { get; init; } = 1;

    /// <summary>Temperature of the replies; 0 for the likeliest tokens.</summary>
    public float Temperature { get; init; }
}
