using System.CommandLine;
using Reverie.Cli.Display;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie sleep</c>: the model studies what its user told it, examines itself and wakes with what it could prove.</summary>
internal sealed class SleepCommand : JournalSubcommand
{
    private const int Shown = 12;

    /// <summary>Creates the command.</summary>
    public SleepCommand(Terminal terminal) : base("sleep", "Let a model study what was said to it: triage, study, exams, gates, and a new adapter where all of them agree. Needs the consent of the user: reverie journal consent on.",
        "sleep", "sleep reverie --user anna", "sleep --rebuild")
    {
        var model = new Argument<string?>("MODEL") { Description = "The model that sleeps. [default: the one that was made last]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<bool> rebuild = Option<bool>("--rebuild", "Begin with the base and learn the whole journal anew, instead of going on from yesterday.");
        Option<ulong> seed = Option("--seed", "Fixes every draw.", 0UL, "N");
        Option<int> rank = Within(Option("--rank", "Rank of the adapter.", new NightOptions().Rank, "N"), 1, 1024);
        Option<int> threads = ThreadsOption();
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            var workspace = WorkspaceOf(parsed);
            string name = parsed.GetValue(model) ?? Default(workspace);
            using var sleeper = new Sleeper(workspace, name, new NightOptions { Rebuild = parsed.GetValue(rebuild), Seed = parsed.GetValue(seed), Rank = parsed.GetValue(rank), Threads = parsed.GetValue(threads) });
            var line = new PhaseLine(place);
            MorningReport report = await sleeper.SleepAsync(journal, owner, line.Tell, cancellation);
            line.End();
            foreach (string text in Lines(report)) place.Messages.WriteLine(text);
            return report;
        });
    }

    /// <summary>The model that was made last.</summary>
    /// <exception cref="Reverie.Tensors.ReverieException">There is none.</exception>
    internal static string Default(Workspace workspace) => workspace.Models().Where(m => m.IsCurrent).MaxBy(m => Directory.GetLastWriteTimeUtc(m.Folder))?.Name
        ?? throw new Tensors.ReverieException($"There are no models in {workspace.Root}. Make one with \"reverie raise\".");

    /// <summary>The morning report in words.</summary>
    internal static IEnumerable<string> Lines(MorningReport report)
    {
        yield return report.Outcome switch
        {
            NightOutcome.Promoted => $"Morning {report.Number}: {report.Model} learned {report.Learned.Count} facts{(report.Lessons > 0 ? $" and {report.Lessons} answers that you put right or liked" : "")}. It answers with them from now on.",
            NightOutcome.Kept => $"Morning {report.Number} learned {report.Learned.Count} facts and waits: another one is pinned. See: reverie mornings",
            NightOutcome.Refused => "Nothing was learned tonight: what was trained did not pass the gates. What you told stays in the journal, and retrieval finds it.",
            NightOutcome.NothingNew => "There was nothing new to learn.",
            NightOutcome.Emptied => "The journal holds nothing to learn any more: the model answers without memories.",
            _ => "You have not agreed that sleep learns from your conversations, so it did not, and the model answers without memories. Agree with: reverie journal consent on",
        };
        if (report.Rebuilt is not null && report.Study is not null) yield return $"  Learned from the base anew: {report.Rebuilt}.";
        foreach (FactRecord fact in report.Learned.Take(Shown)) yield return $"  + {Visible(fact.Fact.Sentence)}";
        if (report.Learned.Count > Shown) yield return $"  + {report.Learned.Count - Shown} more";
        foreach (FactRecord fact in report.Lost) yield return $"  ! {Visible(fact.Fact.Sentence)} The weights lost it; retrieval has it, and the next night studies it again.";
        foreach (FactRecord fact in report.NotLearned.Where(f => f.State is FactState.Retrieval).Take(Shown)) yield return $"  - {Visible(fact.Fact.Sentence)} ({fact.Why})";
        foreach ((string why, int count) in report.Refused) yield return $"  x {count} {(count == 1 ? "sentence" : "sentences")} kept out of the weights: {why}.";
        foreach (NightAttempt attempt in report.Attempts.Where(a => !a.IsPassed)) yield return $"  Gates refused {attempt.What}: {attempt.Why}.";
        if (report.Gates is { } gates)
        {
            yield return "  Exams           tonight  before  base";
            foreach ((string exam, double score) in gates.Scores.Where(s => double.IsFinite(s.Value)))
                yield return $"  {exam,-15} {Percent(score),7} {Percent(gates.Yesterday[exam]),7} {Percent(gates.Base[exam]),5}   of {gates.Counts[exam]}";
            yield return $"  Bits per byte {gates.Text.BitsPerByte:F4}, the base {gates.BaseText.BitsPerByte:F4}; {gates.Text.Divergence:F4} nats per token from the base.";
        }

        if (report.Seconds.Count > 0) yield return $"  {Figures.Duration(report.Seconds.Values.Sum())}: {string.Join(", ", report.Seconds.Select(s => $"{s.Key} {Figures.Duration(s.Value)}"))}";
    }

    private static string Percent(double share) => double.IsFinite(share) ? Figures.Percent(share) : "-";
}
