namespace Reverie.Worlds;

/// <summary>How much of each skill's text a stage of training reads: shares of tokens that add up to 1, by corpus name.</summary>
/// <param name="Shares">Share of tokens by corpus name.</param>
public sealed record PrimerMixture(IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>Pretraining: everything from the start, since tokens are few.</summary>
    public static PrimerMixture Pretrain { get; } = Of(stories: 0.24, encyclopedia: 0.17, arithmetic: 0.20, spelling: 0.09, conversation: 0.22, patterns: 0.08);

    /// <summary>Midtraining: more of what is examined and talked about.</summary>
    public static PrimerMixture Midtrain { get; } = Of(stories: 0.24, encyclopedia: 0.18, arithmetic: 0.18, spelling: 0.11, conversation: 0.24, patterns: 0.05);

    /// <summary>Fine-tuning on conversations.</summary>
    public static PrimerMixture FineTune { get; } = Of(stories: 0.22, encyclopedia: 0.18, arithmetic: 0.16, spelling: 0.11, conversation: 0.29, patterns: 0.04);

    private static PrimerMixture Of(double stories, double encyclopedia, double arithmetic, double spelling, double conversation, double patterns) => new(new Dictionary<string, double>
    {
        ["stories"] = stories,
        ["encyclopedia"] = encyclopedia,
        ["arithmetic"] = arithmetic,
        ["spelling"] = spelling,
        ["conversation"] = conversation,
        ["patterns"] = patterns,
    });
}
