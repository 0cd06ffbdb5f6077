using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie sleep</c>: the model studies what its user told it, examines itself and wakes with what it could prove.</summary>
internal sealed class SleepCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public SleepCommand(Terminal terminal) : base("sleep", "Let a model study what was said to it: triage, study, exams, gates, and a new adapter where all of them agree. Needs the consent of the user: reverie journal consent on. With --company it learns for everybody what several people told alike who share it: reverie journal share on.",
        "sleep", "sleep reverie --user anna", "sleep --rebuild", "sleep --company --k 5")
    {
        var model = new Argument<string?>("MODEL") { Description = "The model that sleeps. [default: the one that was made last]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<bool> rebuild = Option<bool>("--rebuild", "Begin with the base and learn the whole journal anew, instead of going on from yesterday.");
        Option<bool> company = Option<bool>("--company", "Sleep for everybody: learn what enough people told, each on their own, and share.");
        Option<int?> tellers = Option<int?>("--k", $"With --company: how many people must have told a fact. [default: as in the last night, or {new NightOptions().Tellers}]", "N");
        tellers.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < Company.FewestTellers) result.AddError($"--k must be {Company.FewestTellers} or more: what one person told is hers alone.");
        });
        Validators.Add(result =>
        {
            if (result.GetResult(tellers) is not null && !result.GetValue(company)) result.AddError("--k says how many people must have told what the company learns. Add --company.");
        });
        Option<ulong> seed = Option("--seed", "Fixes every draw.", 0UL, "N");
        Option<int> rank = Within(Option("--rank", "Rank of the adapter.", new NightOptions().Rank, "N"), 1, 1024);
        Option<int> threads = ThreadsOption();
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            var workspace = WorkspaceOf(parsed);
            string name = parsed.GetValue(model) ?? ModelInUse.Newest(workspace);
            using var sleeper = new Sleeper(workspace, name, new NightOptions { Rebuild = parsed.GetValue(rebuild), Seed = parsed.GetValue(seed), Rank = parsed.GetValue(rank), Threads = parsed.GetValue(threads) });
            var line = new PhaseLine(place);
            MorningReport report = parsed.GetValue(company)
                ? await sleeper.SleepCompanyAsync(journal, parsed.GetValue(tellers), line.Tell, cancellation)
                : await sleeper.SleepAsync(journal, owner, line.Tell, cancellation);
            line.End();
            foreach (string text in MorningWords.Lines(report)) place.Messages.WriteLine(text);
            return report;
        });
    }
}
