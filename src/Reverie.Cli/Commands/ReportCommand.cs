using System.CommandLine;
using Reverie.Evaluation;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie report</c>: write the page of a run, or one that compares two.</summary>
internal sealed class ReportCommand : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public ReportCommand(Terminal terminal) : base("report",
        "Write the page of a run (report.html, with its data in report.json) from the files that it keeps; with a second run, a page that compares the two.",
        "report reverie-1", "report reverie-1 reverie-2", "report reverie-1 --watts 45")
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or its folder." };
        var second = new Argument<string?>("RUN2") { Description = "A run to compare with it; its differences are shown against RUN.", Arity = ArgumentArity.ZeroOrOne };
        Arguments.Add(run);
        Arguments.Add(second);
        Option<double?> watts = Within(Option<double?>("--watts", "Power of the machine while it worked, for the energy estimate. [default: 10 W a thread]", "W"), 0, 1e9);
        Option<string?> folder = WorkspaceOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            var workspace = new Workspace(parsed.GetValue(folder));
            string a = parsed.GetValue(run)!;
            string? b = parsed.GetValue(second);
            string page = b is null ? Reports.Write(workspace, a, parsed.GetValue(watts)) : Reports.Compare(workspace, a, b, parsed.GetValue(watts));
            RunReport report = Reports.Read(workspace, b ?? a, parsed.GetValue(watts));
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new { Page = page, Data = Path.ChangeExtension(page, ".json"), report.Run, report.Verdict, report.Warnings });
                return ExitCode.Success;
            }

            foreach (string warning in report.Warnings) terminal.Output.WriteLine(warning);
            terminal.Output.WriteLine(report.Verdict);
            terminal.Output.WriteLine(page);
            return ExitCode.Success;
        });
    }
}
