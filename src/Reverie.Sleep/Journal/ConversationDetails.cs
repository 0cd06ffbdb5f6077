namespace Reverie.Sleep;

/// <summary>What a person may change about a conversation.</summary>
public sealed record ConversationDetails
{
    /// <summary>Its title; empty for none yet.</summary>
    public string Title { get; init; } = "";

    /// <summary>Instructions that stand above it; null for none.</summary>
    public string? SystemPrompt { get; init; }

    /// <summary>Model, adapter, sampling and whatever else the page wants to remember, as a JSON object; null for none.</summary>
    public string? Settings { get; init; }
}
