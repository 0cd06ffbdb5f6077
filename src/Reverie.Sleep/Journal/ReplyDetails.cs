namespace Reverie.Sleep;

/// <summary>Who made a reply and what it took.</summary>
public sealed record ReplyDetails
{
    /// <summary>The model version that said it, <c>name@version</c>.</summary>
    public required string Model { get; init; }

    /// <summary>The adapter version beside it; null for none.</summary>
    public string? Adapter { get; init; }

    /// <summary>Sampling options as a JSON object; null where they are not known.</summary>
    public string? Sampling { get; init; }

    /// <summary>Why it ended (<c>StopToken</c>, <c>MaxTokens</c>, <c>Cancelled</c>, ...); null where it is not known.</summary>
    public string? StopReason { get; init; }

    /// <summary>Tokens of the prompt.</summary>
    public int PromptTokens { get; init; }

    /// <summary>Tokens of those whose keys and values were in the cache.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Tokens that were generated, thoughts included.</summary>
    public int AnswerTokens { get; init; }

    /// <summary>Seconds until the first token.</summary>
    public double PromptSeconds { get; init; }

    /// <summary>Seconds from the first token to the last.</summary>
    public double AnswerSeconds { get; init; }

    /// <summary>
    /// Ids of the messages of which a statement was put before the conversation, so that the page can name its sources; null for none. Never their text:
    /// what is deleted is deleted here too.
    /// </summary>
    public IReadOnlyList<string>? Memories { get; init; }

    /// <summary>Whether all fields and ids are equal.</summary>
    public bool Equals(ReplyDetails? other) => other is not null && Model == other.Model && Adapter == other.Adapter && Sampling == other.Sampling && StopReason == other.StopReason
        && (PromptTokens, CachedTokens, AnswerTokens) == (other.PromptTokens, other.CachedTokens, other.AnswerTokens) && (PromptSeconds, AnswerSeconds) == (other.PromptSeconds, other.AnswerSeconds)
        && (Memories ?? []).SequenceEqual(other.Memories ?? []);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Model, Adapter, Sampling, StopReason, PromptTokens, AnswerTokens, Memories?.Count);
}
