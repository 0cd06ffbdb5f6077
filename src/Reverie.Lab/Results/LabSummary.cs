using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>What came of an experiment.</summary>
public sealed class LabSummary
{
    private readonly Dictionary<(ulong Seed, int Day, string Arm), LabDay> _days;

    private LabSummary(IReadOnlyList<LabDay> days)
    {
        Days = days;
        _days = days.ToDictionary(d => (d.Seed, d.Day, d.Arm));
        Seeds = [.. days.Select(d => d.Seed).Distinct().Order()];
        Arms = [.. LabArms.All.Where(a => days.Any(d => d.Arm == a)).Select(Summarize)];
    }

    /// <summary>The lines that it is made of.</summary>
    public IReadOnlyList<LabDay> Days { get; }

    /// <summary>Seeds of the lives.</summary>
    public IReadOnlyList<ulong> Seeds { get; }

    /// <summary>The arms.</summary>
    public IReadOnlyList<ArmSummary> Arms { get; }

    /// <summary>The last day.</summary>
    public int LastDay => Days.Count == 0 ? 0 : Days.Max(d => d.Day);

    /// <summary>Sums up results.</summary>
    public static LabSummary Of(IReadOnlyList<LabDay> days) => new(days);

    /// <summary>An arm; null where it did not run.</summary>
    public ArmSummary? Find(string arm) => Arms.FirstOrDefault(a => a.Arm == arm);

    /// <summary>Utility of one arm less that of another over the days that both have, by life: the arms answer the same questions, so that what a life is like falls out.</summary>
    public Spread Difference(string arm, string than, string? kind = null) => Spread.Of(Seeds.Select(seed =>
    {
        double[] differences = [.. Of(seed, arm).Select(d => (A: d, B: _days.GetValueOrDefault((seed, d.Day, than)))).Where(p => p.B is not null && (kind is null || p.A.Kinds.ContainsKey(kind)))
            .Select(p => kind is null ? p.A.Utility - p.B!.Utility : p.A.Kinds[kind].Mean - p.B!.Kinds[kind].Mean)];
        return differences.Length == 0 ? double.NaN : differences.Average();
    }));

    /// <summary>A figure of an arm by day, over lives.</summary>
    public IReadOnlyList<(int Day, Spread Value)> Curve(string arm, Func<LabDay, double> value) =>
        [.. Days.Where(d => d.Arm == arm).GroupBy(d => d.Day).OrderBy(g => g.Key).Select(g => (g.Key, Value: Spread.Of(g.Select(value)))).Where(p => p.Value.Lives > 0)];

    private IEnumerable<LabDay> Of(ulong seed, string arm) => Days.Where(d => d.Seed == seed && d.Arm == arm).OrderBy(d => d.Day);

    private ArmSummary Summarize(string arm)
    {
        LabDay[] own = [.. Days.Where(d => d.Arm == arm)];
        TextFigures[] last = [.. own.GroupBy(d => d.Seed).Select(g => g.MaxBy(d => d.Day)!.Text)];
        IReadOnlyDictionary<int, LabScore> ages = Pool(own.SelectMany(d => d.Ages));
        return new ArmSummary
        {
            Arm = arm,
            Utility = Spread.Of(Seeds.Select(s => Of(s, arm).Select(d => d.Utility).DefaultIfEmpty(double.NaN).Average())),
            Integral = Spread.Of(Seeds.Select(s => Integral(s, arm))),
            Kinds = Pool(own.SelectMany(d => d.Kinds)),
            Ages = ages,
            HalfLife = ForgettingCurve.HalfLife(ages),
            Text = new TextFigures(last.Average(t => t.BitsPerByte), last.Average(t => t.Divergence), last.Average(t => t.DistinctBigrams), last.Average(t => t.Entropy), last.Average(t => t.ReplyLength), last.Average(t => t.SameReplies)),
            PoisonHeld = own.Max(d => d.PoisonHeld),
            DeletedHeld = own.Max(d => d.DeletedHeld),
            Leaked = own.Select(d => d.Leaked).Where(double.IsFinite).DefaultIfEmpty(double.NaN).Average(),
            Obeyed = own.Sum(d => d.Obeyed),
            LearnSeconds = own.Average(d => d.Evening.Seconds),
            AnswerSeconds = own.Sum(d => d.AnswerSeconds) / own.Sum(d => d.Kinds.Values.Sum(k => k.Count)),
            PromptTokens = own.Average(d => d.PromptTokens),
            Refused = own.Count(d => d.Evening.What.StartsWith("refused", StringComparison.Ordinal)),
            Evenings = own.Length,
        };
    }

    private double Integral(ulong seed, string arm)
    {
        double gained = 0, possible = 0;
        foreach (LabDay oracle in Of(seed, LabArms.Oracle))
        {
            if (!_days.TryGetValue((seed, oracle.Day, arm), out LabDay? own) || !_days.TryGetValue((seed, oracle.Day, LabArms.Frozen), out LabDay? frozen)) continue;
            gained += own.Utility - frozen.Utility;
            possible += oracle.Utility - frozen.Utility;
        }

        // Where the oracle gains nothing there is nothing to have a share of.
        return possible > 0 ? gained / possible : double.NaN;
    }

    private static IReadOnlyDictionary<TKey, LabScore> Pool<TKey>(IEnumerable<KeyValuePair<TKey, LabScore>> scores) where TKey : notnull =>
        scores.GroupBy(s => s.Key).OrderBy(g => g.Key is int age ? age : 0).ToDictionary(g => g.Key, g => g.Select(s => s.Value).Aggregate((a, b) => a.With(b)));
}
