using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>Writes the reports of runs; from the files that a run keeps, so that they can be made again at any time.</summary>
public static class Reports
{
    /// <summary>Reads what a run keeps.</summary>
    /// <param name="workspace">Where it is.</param>
    /// <param name="run">Its id, or the path of its folder.</param>
    /// <param name="watts">Power of the machine while it worked; null for an assumed power of each thread.</param>
    /// <exception cref="ReverieException">There is no such run, or its <c>run.json</c> is damaged.</exception>
    public static RunReport Read(Workspace workspace, string run, double? watts = null) => ReportReader.Read(workspace, run, watts);

    /// <summary>The run's curves as markup whose every text is encoded; colours are variables of the page that shows them (<c>--c0</c> to <c>--c7</c>), as in report.css.</summary>
    /// <param name="report">The run; it may still be learning.</param>
    public static string Curves(RunReport report)
    {
        Html curves = $"{(report.Learning.Count == 0 ? Html.Empty : ReportPlots.Learning([report]))}{(report.Reinforcement.Count == 0 ? Html.Empty : ReportPlots.Reinforcement([report]))}";
        return curves.ToString();
    }

    /// <summary>Writes <c>report.html</c> and <c>report.json</c> into the run's folder.</summary>
    /// <returns>The path of the page.</returns>
    /// <inheritdoc cref="Read"/>
    public static string Write(Workspace workspace, string run, double? watts = null)
    {
        RunReport report = Read(workspace, run, watts);
        string folder = ReportReader.FolderOf(workspace, run);
        AtomicFile.WriteText(Path.Combine(folder, "report.json"), JsonSerializer.Serialize(report, RunLines.Json));
        string page = Path.Combine(folder, "report.html");
        AtomicFile.WriteText(page, ReportPage.Render(report));
        return page;
    }

    /// <summary>The same at the end of a run, which must not fail for want of its report: the page's path, or why there is none.</summary>
    internal static string WriteAtEnd(Workspace workspace, string run)
    {
        try
        {
            return Write(workspace, run);
        }
        catch (ReverieException e)
        {
            return e.Message;
        }
    }

    /// <summary>Writes a page that compares two runs, with its data, into the folder of the second.</summary>
    /// <param name="workspace">Where they are.</param>
    /// <param name="first">The run to compare with.</param>
    /// <param name="second">The run that is compared.</param>
    /// <param name="watts">Power of the machine, as in <see cref="Read"/>.</param>
    /// <returns>The path of the page, <c>against-&lt;first&gt;.html</c>.</returns>
    /// <exception cref="ReverieException">One of them is not there or damaged.</exception>
    public static string Compare(Workspace workspace, string first, string second, double? watts = null)
    {
        RunReport a = Read(workspace, first, watts), b = Read(workspace, second, watts);
        string folder = ReportReader.FolderOf(workspace, second);
        AtomicFile.WriteText(Path.Combine(folder, $"against-{a.Run}.json"), JsonSerializer.Serialize(new { Runs = (RunReport[])[a, b] }, RunLines.Json));
        string page = Path.Combine(folder, $"against-{a.Run}.html");
        AtomicFile.WriteText(page, ComparisonPage.Render(a, b));
        return page;
    }
}
