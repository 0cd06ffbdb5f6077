using System.Globalization;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Puts a run into words: the verdict and the seven ingredients.</summary>
internal static class ReportWords
{
    /// <summary>Name of the split of unseen questions of the usual kind.</summary>
    public const string HeldOutSplit = "held-out";

    private static readonly CultureInfo _culture = CultureInfo.InvariantCulture;

    /// <summary>What was done, and what came of it.</summary>
    public static string Verdict(RunReport report)
    {
        long parameters = report.Plan?.Parameters ?? 0;
        string model = parameters > 0 ? $"A model of {Figures.Short(parameters)} parameters" : "A model";
        string threads = report.Threads > 0 ? $" on {report.Threads} {(report.Threads == 1 ? "thread" : "threads")}" : "";
        string done = report.Cost.Tokens > 0
            ? $"{model} learned from {Figures.Short(report.Cost.Tokens)} tokens in {Figures.Duration(report.Cost.Seconds)}{threads}"
            : $"{model} has not finished a stage yet";
        return $"{done}{(report.Finished || report.Cost.Tokens == 0 ? "" : ", and the run is not finished")}. {Outcome(report)}".TrimEnd();
    }

    /// <summary>The seven lines.</summary>
    public static IReadOnlyList<Ingredient> Ingredients(RunReport report)
    {
        if (report.Plan is not { } plan) return [];
        RunCost cost = report.Cost;
        // Where episodes are played, most of the time is not the learner's.
        string[] played = [.. plan.Recipe.Stages.Where(s => s.Rollouts is not null).Select(s => s.Name)];
        StageResult[] reading = [.. report.Stages.Where(s => !played.Contains(s.Name))];
        double seconds = reading.Sum(s => s.Seconds), speed = seconds > 0 ? reading.Sum(s => s.Tokens) * plan.FlopsPerToken / seconds / 1e9 : 0;
        return
        [
            new("compute", $"{Operations(cost.Flops)} of learning in {Figures.Duration(cost.TrainingSeconds)}" + (speed > 0 ? $"; reading text at {Figures.ThreeDigits(speed)} GFLOP/s, {Figures.Percent(speed / plan.CeilingGflops)} of the machine's measured ceiling" : "")),
            new("data", Data(report, plan)),
            new("breadth", Breadth(report, plan)),
            new("duration", string.Create(_culture, $"{Figures.Whole(report.Stages.Sum(s => s.Steps))} steps ({string.Join(", ", report.Stages.Select(s => $"{s.Name} {Figures.Whole(s.Steps)}"))}); {cost.Tokens / (double)Math.Max(1, plan.Parameters):0.0} tokens a parameter")),
            new("objective", Objective(plan)),
            new("conditioning", Conditioning(report, plan)),
            new("numerics", Numerics(report)),
        ];
    }

    /// <summary>Tokens of each source over the stages that are complete, by the mixture of each.</summary>
    public static IReadOnlyDictionary<string, double> TokensBySource(RunReport report)
    {
        var tokens = new Dictionary<string, double>();
        foreach (StageResult stage in report.Stages)
            foreach ((string source, double share) in report.Plan?.Recipe.Stages.FirstOrDefault(s => s.Name == stage.Name && s.Rollouts is null)?.Mixture ?? new Dictionary<string, double>())
                tokens[source] = tokens.GetValueOrDefault(source) + share * stage.Tokens;
        return tokens;
    }

    private static string Outcome(RunReport report)
    {
        ExamScore[] last = After(report, report.Exams.LastOrDefault()?.Stage);
        if (last.Length == 0)
        {
            Curve[] bits = [.. report.Learning.Where(c => c.Name.StartsWith(RunCurves.HeldOut, StringComparison.Ordinal) && c.Values.Count > 0).OrderBy(c => c.Values[^1])];
            return bits.Length == 0 ? "" : string.Create(_culture, $"Unseen text costs it between {bits[0].Values[^1]:0.00} ({Source(bits[0])}) and {bits[^1].Values[^1]:0.00} bits a byte ({Source(bits[^1])}).");
        }

        ExamScore best = last.MaxBy(e => e.Score)!, worst = last.MinBy(e => e.Score)!;
        string scores = last.Length == 1
            ? $"It answers {Figures.Percent(best.Score)} of {best.Exam} on questions it never saw"
            : $"On {last.Length} exams of unseen questions it scores {Figures.Percent(last.Average(e => e.Score))} in the mean, best at {best.Exam} ({Figures.Percent(best.Score)}) and worst at {worst.Exam} ({Figures.Percent(worst.Score)})";
        return $"{scores}{Lift(report, last)}.";
    }

    private static string Lift(RunReport report, ExamScore[] last)
    {
        if (last[0].Stage != RunCurves.Reinforcement) return "";
        ExamScore[] before = After(report, report.Exams.LastOrDefault(e => e.Stage != RunCurves.Reinforcement)?.Stage);
        (ExamScore A, ExamScore B)[] pairs = [.. from a in before join b in last on a.Exam equals b.Exam select (a, b)];
        if (pairs.Length == 0) return "";
        double change = pairs.Average(p => p.B.Score - p.A.Score) * 100;
        double error = 196 * Math.Sqrt(pairs.Sum(p => p.A.StandardError * p.A.StandardError + p.B.StandardError * p.B.StandardError)) / pairs.Length;
        return Math.Abs(change) <= error
            ? string.Create(_culture, $"; reinforcement learning changed the mean by {change:+0;-0;0} points, within the error of {error:0}")
            : string.Create(_culture, $"; reinforcement learning {(change > 0 ? "lifted" : "lowered")} the mean by {Math.Abs(change):0} ± {error:0} points");
    }

    private static ExamScore[] After(RunReport report, string? stage) => [.. report.Exams.Where(e => e.Stage == stage && e.Split == HeldOutSplit)];

    private static string Source(Curve curve) => curve.Name[RunCurves.HeldOut.Length..];

    private static string Data(RunReport report, RaisePlan plan)
    {
        IReadOnlyDictionary<string, double> tokens = TokensBySource(report);
        double all = tokens.Values.Sum(), own = tokens.Where(t => Primer.Corpora.All(c => c.Name != t.Key)).Sum(t => t.Value);
        string where = all == 0 ? "" : own == 0 ? ", all of them the Primer's" : own >= all * 0.9999 ? ", all of them from files" : $", {Figures.Percent(own / all)} of them from files, the rest the Primer's";
        return $"{Figures.Short(report.Cost.Tokens)} tokens{where}; vocabulary of {Figures.Whole(plan.Recipe.Model.VocabularySize)}";
    }

    private static string Breadth(RunReport report, RaisePlan plan)
    {
        double[] shares = [.. TokensBySource(report).Values.Where(t => t > 0)];
        double all = shares.Sum(), entropy = -shares.Sum(s => s / all * Math.Log(s / all));
        string text = shares.Length == 0 ? $"{plan.Sources.Count} sources" : string.Create(_culture, $"{shares.Length} sources, as many as {Math.Exp(entropy):0.0} of equal size (the exponential of the mixture's entropy)");
        int exams = report.Exams.Select(e => (e.Exam, e.Split)).Distinct().Count();
        return exams == 0 ? text : $"{text}; {exams} exams";
    }

    private static string Objective(RaisePlan plan)
    {
        IEnumerable<string> stages = plan.Recipe.Stages.Where(s => s.Rollouts is null).GroupBy(s => s.Loss).Select(g => $"{string.Join(" and ", g.Select(s => s.Name))} on " + (
            g.Key == LossWeights.Assistant ? "what the assistant says"
            : g.Key == LossWeights.All ? "every token"
            : string.Create(_culture, $"every token, those of text weighted {g.Key.Text:0.##} and other people's words {g.Key.Others:0.##}")));
        string text = "cross-entropy of the next token: " + string.Join("; ", stages);
        IEnumerable<string> played = plan.Recipe.Stages.Where(s => s.Rollouts is not null).Select(s => $"; {s.Name} on the expected reward of {string.Join(", ", s.Mixture.Keys)}, by {s.Rollouts!.Credit}");
        return text + string.Concat(played);
    }

    private static string Conditioning(RunReport report, RaisePlan plan)
    {
        var text = new List<string> { $"{plan.Recipe.Optimizer}, learning rate {Figures.Rate(plan.Recipe.Stages.Max(s => s.LearningRate))}, weight decay {Figures.Rate(plan.Recipe.WeightDecay)}, {Figures.Whole(plan.Recipe.Stages.Max(s => s.BatchTokens))} tokens a step" };
        if (report.Learning.FirstOrDefault(c => c.Name == "gradient_norm") is { Values.Count: > 0 } norms)
        {
            double[] sorted = [.. norms.Values.Order()];
            text.Add($"gradient norm {Figures.Rate(sorted[sorted.Length / 2])} in the median, {Figures.Rate(sorted[^1])} at most");
        }

        int skipped = report.Stages.Sum(s => s.SkippedBatches);
        if (skipped > 0) text.Add($"{skipped} batches skipped");
        return string.Join("; ", text);
    }

    private static string Numerics(RunReport report)
    {
        string text = "float32 with sums in a fixed order, so the bits do not depend on the number of threads"
            + (report.Threads > 0 ? $" (here {report.Threads})" : "");
        return report.Reinforcement.FirstOrDefault(c => c.Name == "max_logp_difference") is { Values.Count: > 0 } difference
            ? difference.Values.Max() == 0 ? $"{text}; trainer and sampler gave every token the same probability, bit for bit"
            : string.Create(_culture, $"{text}; max |log p of the trainer - log p of the sampler| = {difference.Values.Max():0.##E-0}")
            : text;
    }

    /// <summary>Floating-point operations with a prefix.</summary>
    public static string Operations(double flops) => flops switch
    {
        >= 1e15 => $"{Figures.ThreeDigits(flops / 1e15)} PFLOP",
        >= 1e12 => $"{Figures.ThreeDigits(flops / 1e12)} TFLOP",
        _ => $"{Figures.ThreeDigits(flops / 1e9)} GFLOP",
    };
}
