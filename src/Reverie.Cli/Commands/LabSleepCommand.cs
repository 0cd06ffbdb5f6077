using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Lab;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie lab sleep</c>: simulated lives, seven ways to remember them, one page.</summary>
internal sealed class LabSleepCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public LabSleepCommand(Terminal terminal) : base("sleep",
        "Compare sleep with the other ways to remember, on simulated lives: facts that come, change and are deleted, habits, small talk and poison, and questions each evening. What is finished is kept: the same command goes on where it was, also with more --days or --seeds.",
        "lab sleep", "lab sleep reverie --days 30 --facts 50 --seeds 3 --at-once 3", "lab sleep --arms retrieval,sleep,sleep+retrieval")
    {
        var usual = new LabOptions();
        var model = new Argument<string?>("MODEL") { Description = "The base. [default: the model that was made last]", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(model);
        Option<int> days = Within(Option("--days", "Days of a life.", usual.Days, "N"), 1, 3650);
        Option<int> facts = Within(Option("--facts", "Facts that are told a day.", usual.Facts, "N"), 1, 1000);
        Option<int> seeds = Within(Option("--seeds", "Lives. Three or more give errors.", usual.Seeds, "N"), 1, 1000);
        Option<int> atOnce = Within(Option("--at-once", "Lives that are lived at a time and share the threads: two lives of one thread are sooner done than one life of two.", usual.AtOnce, "N"), 1, 1000);
        Option<int> questions = Within(Option("--questions", "Questions of a day and arm, about.", usual.Questions, "N"), 10, 10_000);
        Option<string[]> arms = Option<string[]>("--arms", $"Ways to remember, of {string.Join(", ", LabArms.All)}. [default: all]", "A,B");
        Option<int> oracle = Within(Option("--oracle-every", "Days between two oracles, which are costly.", usual.OracleEvery, "N"), 1, 3650);
        Option<int> threads = ThreadsOption();
        Option<string?> folder = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(async (parsed, cancellation) =>
        {
            Terminal place = parsed.GetValue(json) ? terminal.ForJson() : terminal;
            var options = new LabOptions
            {
                Days = parsed.GetValue(days),
                Facts = parsed.GetValue(facts),
                Seeds = parsed.GetValue(seeds),
                AtOnce = parsed.GetValue(atOnce),
                Questions = parsed.GetValue(questions),
                Arms = LabArms.Parse(parsed.GetValue(arms) ?? []),
                OracleEvery = parsed.GetValue(oracle),
                Night = new NightOptions { Threads = parsed.GetValue(threads) },
            };
            var workspace = new Workspace(parsed.GetValue(folder));
            var line = new PhaseLine(place);
            using var lab = new SleepLab(workspace, parsed.GetValue(model) ?? ModelInUse.Newest(workspace), options, Say, options.AtOnce > 1 && !place.IsLive ? null : line.Tell);
            place.Messages.WriteLine($"Results: {lab.Folder}");
            LabSummary summary = LabSummary.Of(await lab.RunAsync(cancellation));
            line.End();
            string page = lab.WritePage();
            IReadOnlyList<string> verdict = LabVerdict.Of(summary);
            foreach (string sentence in verdict) place.Messages.WriteLine(sentence);
            place.Messages.WriteLine(page);
            if (parsed.GetValue(json)) JsonResult.Write(terminal.Output, new { Page = page, Results = Path.Combine(lab.Folder, LabResults.FileName), lab.Model, Verdict = verdict, summary.Arms });
            place.Messages.Flush();
            return ExitCode.Success;

            void Say(string text)
            {
                line.End();
                place.Messages.WriteLine(text);
                place.Messages.Flush();
            }
        });
    }
}
