namespace Reverie.Sleep;

/// <summary>Settings of a night; the defaults are those that docs/sleep.md measures.</summary>
public sealed record NightOptions
{
    /// <summary>Fixes every draw.</summary>
    public ulong Seed { get; init; }

    /// <summary>Rank of the adapter. It cannot change between two nights without a rebuild.</summary>
    public int Rank { get; init; } = 64;

    /// <summary>Strength of the adapter.</summary>
    public float Alpha { get; init; } = 64;

    /// <summary>The constant learning rate.</summary>
    public float LearningRate { get; init; } = 3e-3f;

    /// <summary>Tokens of a step.</summary>
    public int BatchTokens { get; init; } = 2048;

    /// <summary>Pieces of study material about a new fact.</summary>
    public int ItemsPerFact { get; init; } = 60;

    /// <summary>How often the material about new facts is read.</summary>
    public double Passes { get; init; } = 7;

    /// <summary>Fewest steps of a night: with a few facts the base is moved as far as with many, and needs as long to come to rest.</summary>
    public int MinimumSteps { get; init; } = 700;

    /// <summary>Steps more for each fact of an earlier day, which a short night would lose.</summary>
    public int StepsOfEarlier { get; init; } = 5;

    /// <summary>The most of those.</summary>
    public int MostStepsOfEarlier { get; init; } = 400;

    /// <summary>Steps of another kind for an adapter that says too much: see <see cref="NightStudy.Settle"/>.</summary>
    public int SettlingSteps { get; init; } = 120;

    /// <summary>Shares of the tokens: new facts, facts of earlier days, replay of what the base knows.</summary>
    public (double New, double Earlier, double Replay) Shares { get; init; } = (0.45, 0.3, 0.35);

    /// <summary>What a token of replay weighs against one of study: the base is lost faster than facts are learned.</summary>
    public float ReplayWeight { get; init; } = 2;

    /// <summary>What the first token of a reply weighs in study against each other one: see <see cref="StudyDocument.Deciding"/>.</summary>
    public float DecisionWeight { get; init; } = 4;

    /// <summary>How many facts of earlier days are read again, the most surprising ones.</summary>
    public int Reviewed { get; init; } = 300;

    /// <summary>Nights after which an adapter is made anew from the base and the whole journal.</summary>
    public int RebuildEvery { get; init; } = 7;

    /// <summary>Threads; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Whether to make the adapter anew from the base.</summary>
    public bool Rebuild { get; init; }

    /// <summary>Questions of each general exam.</summary>
    public int SkillQuestions { get; init; } = 50;

    /// <summary>Facts of earlier days that are asked for.</summary>
    public int EarlierQuestions { get; init; } = 200;

    /// <summary>What an adapter must keep to be promoted.</summary>
    public GateLimits Gates { get; init; } = new();

    /// <summary>k: how many persons, each on her own, must have told a fact before the company learns it.</summary>
    public int Tellers { get; init; } = 3;

    /// <summary>Mornings that are kept.</summary>
    public int Keep { get; init; } = 30;
}
