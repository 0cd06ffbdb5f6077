namespace Reverie.Worlds;

/// <summary>How much of each skill's text a stage of training reads: shares of tokens that add up to 1, by corpus name.</summary>
/// <param name="Shares">Share of tokens by corpus name.</param>
public sealed record PrimerMixture(IReadOnlyDictionary<string, double> Shares)
{
    /// <summary>Pretraining: everything from the start, since tokens are few; much that is copied, so that the heads that copy form early.</summary>
    public static PrimerMixture Pretrain { get; } = Of(
        ("stories", 0.17), ("encyclopedia", 0.10), ("arithmetic", 0.12), ("spelling", 0.10), ("conversation", 0.11), ("patterns", 0.05), ("recall", 0.09), ("told", 0.19), ("calendar", 0.07));

    /// <summary>Midtraining: more of what is examined and talked about.</summary>
    public static PrimerMixture Midtrain { get; } = Of(
        ("stories", 0.18), ("encyclopedia", 0.10), ("arithmetic", 0.11), ("spelling", 0.11), ("conversation", 0.14), ("patterns", 0.02), ("recall", 0.05), ("told", 0.19), ("calendar", 0.10));

    /// <summary>Fine-tuning on conversations.</summary>
    public static PrimerMixture FineTune { get; } = Of(
        ("stories", 0.19), ("encyclopedia", 0.10), ("arithmetic", 0.11), ("spelling", 0.11), ("conversation", 0.16), ("patterns", 0.02), ("recall", 0.03), ("told", 0.18), ("calendar", 0.10));

    /// <summary>
    /// Reinforcement: shares of tasks by task set. What is passed always, or never, has nothing to teach; arithmetic is there because it is lost
    /// where RL trains on the calendar alone (docs/recipe.md).
    /// </summary>
    public static PrimerMixture Reinforce { get; } = Of(("calendar", 0.60), ("arithmetic", 0.20), ("spelling", 0.10), ("honesty", 0.10));

    private static PrimerMixture Of(params (string Name, double Share)[] shares) => new(shares.ToDictionary(s => s.Name, s => s.Share));
}
