using Microsoft.Extensions.AI;

namespace Reverie.Chat;

/// <summary>What a request may say beyond <see cref="ChatOptions"/>.</summary>
public sealed class ReverieChatOptions : ChatOptions
{
    /// <summary>Says nothing: every default holds.</summary>
    public ReverieChatOptions()
    {
    }

    private ReverieChatOptions(ReverieChatOptions other) : base(other)
    {
        (MinP, RepetitionPenalty, LogitBias, Thinking) = (other.MinP, other.RepetitionPenalty, other.LogitBias, other.Thinking);
        (LogProbabilities, Grammar, Owner) = (other.LogProbabilities, other.Grammar, other.Owner);
    }

    /// <summary>Only tokens with at least this share of the likeliest one's probability (arXiv 2407.01082).</summary>
    public float? MinP { get; set; }

    /// <summary>Above 1 makes tokens that were just used less likely (arXiv 1909.05858).</summary>
    public float? RepetitionPenalty { get; set; }

    /// <summary>Added to the logits of tokens, by id.</summary>
    public IReadOnlyDictionary<int, float>? LogitBias { get; set; }

    /// <summary>How much the reply may reason; goes before <see cref="ChatOptions.Reasoning"/>.</summary>
    public Models.ThinkingBudget? Thinking { get; set; }

    /// <summary>Null for none; otherwise how many alternatives of each token are told beside its own log-probability.</summary>
    public int? LogProbabilities { get; set; }

    /// <summary>A grammar in llama.cpp's notation (GBNF) that the reply must follow, in place of <see cref="ChatOptions.ResponseFormat"/>.</summary>
    public string? Grammar { get; set; }

    /// <summary>Who asks: a model that is named without an adapter wears her current one, and requests of different owners take turns where there are too many. Empty for nobody in particular.</summary>
    public string Owner { get; set; } = "";

    /// <inheritdoc/>
    public override ChatOptions Clone() => new ReverieChatOptions(this);
}
