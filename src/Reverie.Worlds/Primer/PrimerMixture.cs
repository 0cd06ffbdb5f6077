namespace Reverie.Worlds;

/// <summary>How much of each skill's text a stage of training reads: shares of tokens that add up to 1, by corpus name.</summary>
/// <param name="Shares">Share of tokens by corpus name.</param>
public sealed record PrimerMixture(IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>Pretraining: everything from the start, since tokens are few; facts need the most repetition.</summary>
    public static PrimerMixture Pretrain { get; } = Of(stories: 0.28, encyclopedia: 0.24, arithmetic: 0.16, spelling: 0.08, conversation: 0.19, patterns: 0.05);

    /// <summary>Midtraining: more of what is examined and talked about.</summary>
    public static PrimerMixture Midtrain { get; } = Of(stories: 0.22, encyclopedia: 0.26, arithmetic: 0.16, spelling: 0.10, conversation: 0.22, patterns: 0.04);

    /// <summary>Fine-tuning on conversations.</summary>
    public static PrimerMixture FineTune { get; } = Of(stories: 0.22, encyclopedia: 0.22, arithmetic: 0.14, spelling: 0.10, conversation: 0.28, patterns: 0.04);

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
