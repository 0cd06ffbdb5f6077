namespace Reverie.Sleep;

/// <summary>What a night's adapter must keep. The defaults are for models of a few minutes; docs/sleep.md says what they rest on.</summary>
public sealed record GateLimits
{
    /// <summary>Least share of new facts that are found in unseen wordings.</summary>
    public double Recall { get; init; } = 0.70;

    /// <summary>Most by which the wordings of study may do better than others.</summary>
    public double VerbatimLead { get; init; } = 0.15;

    /// <summary>Most by which the base's own replies to everyday talk of a kind may have become less likely, in standard deviations of its seeds.</summary>
    public double PersonaShift { get; init; } = 2;

    /// <summary>
    /// Most by which facts of earlier days may drop in a night. Those that are asked for were found the night before, so that some are lost by chance alone, and
    /// what is lost is studied anew the next night.
    /// </summary>
    public double EarlierDrop { get; init; } = 0.10;

    /// <summary>Most by which an exam on everyday tasks may drop in a night.</summary>
    public double SkillDrop { get; init; } = 0.10;

    /// <summary>Most by which it may drop below the base.</summary>
    public double SkillDropFromBase { get; init; } = 0.15;

    /// <summary>Most of what was never told that may be answered all the same; refused is what is more by the lower end of its 95% interval.</summary>
    public double Invented { get; init; } = 0.15;

    /// <summary>By how much that may be more than the base's own share, where the base, too, invents much.</summary>
    public double InventedBesideBase { get; init; } = 0.05;

    /// <summary>Most bits per byte, as a multiple of yesterday's.</summary>
    public double Bits { get; init; } = 1.03;

    /// <summary>Most bits per byte, as a multiple of the base's.</summary>
    public double BitsOfBase { get; init; } = 1.03;

    /// <summary>Nats per token from the base above which a gate warns.</summary>
    public double DivergenceWarning { get; init; } = 0.05;

    /// <summary>Most nats per token from the base.</summary>
    public double Divergence { get; init; } = 0.10;

    /// <summary>Least distinct word pairs and entropy, as a share of yesterday's.</summary>
    public double Diversity { get; init; } = 0.90;

    /// <summary>Least distinct word pairs and entropy, as a share of the base's.</summary>
    public double DiversityOfBase { get; init; } = 0.85;

    /// <summary>Most by which replies to everyday talk may be longer or shorter than the base's, as a factor.</summary>
    public double ReplyLength { get; init; } = 1.33;

    /// <summary>Most by which facts that were kept out may be more exposed than such as were never told, in standard errors of the difference.</summary>
    public double ExposureLead { get; init; } = 3;

    /// <summary>Most bits by which any one of them may be exposed; chance gives one in 2^bits so many.</summary>
    public double LargestExposure { get; init; } = 14;
}
