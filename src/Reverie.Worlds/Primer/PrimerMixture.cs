namespace Reverie.Worlds;

/// <summary>How much of each skill's text a stage of training reads: shares of tokens that add up to 1, by corpus name.</summary>
/// <param name="Shares">Share of tokens by corpus name.</param>
public sealed record PrimerMixture(IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>Pretraining: everything from the start, since tokens are few; much that is copied, so that the heads that copy form early.</summary>
    public static PrimerMixture Pretrain { get; } = Of(stories: 0.24, encyclopedia: 0.14, arithmetic: 0.14, spelling: 0.09, conversation: 0.18, patterns: 0.11, recall: 0.10);

    /// <summary>Midtraining: more of what is examined and talked about.</summary>
    public static PrimerMixture Midtrain { get; } = Of(stories: 0.24, encyclopedia: 0.16, arithmetic: 0.14, spelling: 0.11, conversation: 0.24, patterns: 0.05, recall: 0.06);

    /// <summary>Fine-tuning on conversations.</summary>
    public static PrimerMixture FineTune { get; } = Of(stories: 0.24, encyclopedia: 0.16, arithmetic: 0.14, spelling: 0.10, conversation: 0.28, patterns: 0.03, recall: 0.05);

    /// <summary>Reinforcement: shares of tasks by task set.</summary>
    public static PrimerMixture Reinforce { get; } = new(new Dictionary<string, double>
    {
        ["name-memory"] = 0.25,
        ["spelling"] = 0.25,
        ["calendar"] = 0.25,
        ["abstain"] = 0.10,
        ["facts"] = 0.15,
    });

    private static PrimerMixture Of(double stories, double encyclopedia, double arithmetic, double spelling, double conversation, double patterns, double recall) => new(new Dictionary<string, double>
    {
        ["stories"] = stories,
        ["encyclopedia"] = encyclopedia,
        ["arithmetic"] = arithmetic,
        ["spelling"] = spelling,
        ["conversation"] = conversation,
        ["patterns"] = patterns,
        ["recall"] = recall,
    });
}
