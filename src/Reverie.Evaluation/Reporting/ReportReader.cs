using System.Globalization;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>Makes a report's data of what a run keeps on disk.</summary>
internal static class ReportReader
{
    // Between a server's core (3 to 7 W at full load) and a desktop's (10 to 20 W), memory and power supply included.
    private const double WattsPerThread = 10;

    /// <summary>Reads a run.</summary>
    /// <param name="workspace">Where it is.</param>
    /// <param name="run">Its id, or the path of its folder.</param>
    /// <param name="watts">Power of the machine while it worked; null for the default of a thread.</param>
    /// <exception cref="ReverieException">There is no such run, or its <c>run.json</c> is damaged.</exception>
    public static RunReport Read(Workspace workspace, string run, double? watts)
    {
        string folder = FolderOf(workspace, run);
        RunRecord record = RunFolder.Read(folder) ?? throw NotFound(workspace, run);
        var lines = new RunLines(folder);
        var curves = new RunCurves(lines.Lines<JsonElement>("metrics.jsonl", RunCurves.IsWhole));
        IReadOnlyList<string> problems = [];
        var report = new RunReport
        {
            Run = Path.GetFileName(folder),
            Model = record.Model,
            Finished = record.Finished,
            Asked = record.Options,
            Plan = record.Plan,
            Threads = record.Threads > 0 ? record.Threads : record.Options.Threads,
            Stages = record.Stages,
            Learning = curves.Learning,
            Reinforcement = curves.Reinforced,
            Samples = curves.Samples,
            // A stage that was examined again after an interruption counts once, with its last figures.
            Exams = [.. lines.Lines<ExamScore>("exams.jsonl", e => double.IsFinite(e.Score) && double.IsFinite(e.StandardError)).Reverse<ExamScore>().DistinctBy(e => (e.Stage, e.Exam, e.Split)).Reverse()
                .Select(e => e with { Split = e.Split.Replace('_', '-'), WrongAndConfident = e.WrongAndConfident is { } share && double.IsFinite(share) ? share : null })],
            Budgets = [.. (lines.Whole<List<BudgetScore>>("budgets.json", list => list.All(b => double.IsFinite(b.Tokens + b.Score + b.StandardError))) ?? []).OrderBy(b => b.Budget)],
            Calibration = lines.Whole<CalibrationScore>("calibration.json", c => double.IsFinite(c.Ece)),
            Rollouts = lines.Lines<RolloutSample>("rollouts.jsonl", r => r.Tokens.All(t => t is not null && double.IsFinite(t.Advantage))),
            Cost = CostOf(record, watts),
            Checkpoints = Checkpoints(workspace, record, ref problems),
        };
        report = report with { Warnings = [.. lines.Warnings, .. problems] };
        return report with { Ingredients = ReportWords.Ingredients(report), Verdict = ReportWords.Verdict(report) };
    }

    /// <summary>The folder of a run.</summary>
    /// <exception cref="ReverieException">There is none; the message lists those that are there.</exception>
    public static string FolderOf(Workspace workspace, string run)
    {
        string inside = Path.Combine(workspace.RunsFolder, run);
        string folder = Path.GetFullPath(run.Length > 0 && !Directory.Exists(inside) ? run : inside).TrimEnd(Path.DirectorySeparatorChar);
        return run.Length > 0 && File.Exists(Path.Combine(folder, "run.json")) ? folder : throw NotFound(workspace, run);
    }

    private static ReverieException NotFound(Workspace workspace, string run)
    {
        string[] there = !Directory.Exists(workspace.RunsFolder) ? [] : [.. new DirectoryInfo(workspace.RunsFolder).GetDirectories()
            .Where(d => File.Exists(Path.Combine(d.FullName, "run.json"))).OrderByDescending(d => d.LastWriteTimeUtc).Select(d => d.Name)];
        return new ReverieException($"There is no run \"{run}\" in {workspace.RunsFolder}. " + (there.Length == 0
            ? "There are no runs yet: make one with \"reverie raise\"."
            : $"There are: {string.Join(", ", there.Take(20))}{(there.Length > 20 ? $" and {there.Length - 20} more" : "")}."));
    }

    private static RunCost CostOf(RunRecord record, double? watts)
    {
        long tokens = record.Stages.Sum(s => s.Tokens);
        int threads = record.Threads > 0 ? record.Threads : record.Options.Threads > 0 ? record.Options.Threads : Environment.ProcessorCount;
        double power = watts ?? threads * WattsPerThread;
        string assumption = watts is null
            ? string.Create(CultureInfo.InvariantCulture, $"assumed: {WattsPerThread:0} W for each of {threads} busy {(threads == 1 ? "thread" : "threads")}; give the machine's power with --watts")
            : string.Create(CultureInfo.InvariantCulture, $"given: {power:0.#} W");
        return new RunCost(record.Seconds, record.Stages.Sum(s => s.Seconds), tokens, tokens * (record.Plan?.FlopsPerToken ?? 0), power, power * record.Seconds / 3600, assumption);
    }

    /// <summary>Follows the chain of parents back from the run's last checkpoint.</summary>
    private static List<CheckpointLink> Checkpoints(Workspace workspace, RunRecord record, ref IReadOnlyList<string> problems)
    {
        var found = new Dictionary<string, (string Model, Lineage Lineage)>();
        try
        {
            string? name = record.Model?.Split('@')[0];
            foreach (ModelVersion version in workspace.Models().Where(m => m.Name == name))
                if (Checkpoint.ReadLineage(version.Folder) is { } lineage) found[lineage.Id] = ($"{version.Name}@{version.Version}", lineage);
        }
        catch (ReverieException e)
        {
            problems = [e.Message];
        }

        var links = new List<CheckpointLink>();
        string? id = record.Parent;
        for (int i = record.Lineage.Count - 1; i >= 0; i--)
        {
            bool there = id is not null && found.ContainsKey(id);
            links.Insert(0, new CheckpointLink(there ? found[id!].Model : i == record.Lineage.Count - 1 ? record.Model : null, id, record.Lineage[i]));
            id = there ? found[id!].Lineage.Parent : null;
        }

        return links;
    }
}
