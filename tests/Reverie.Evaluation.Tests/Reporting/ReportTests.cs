using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Evaluation.Tests;

public sealed class ReportTests : IDisposable
{
    private readonly SampleRun _run = new();

    public void Dispose() => _run.Dispose();

    [Fact]
    public void A_report_has_every_section_that_there_are_data_for_and_stands_alone()
    {
        string page = Page("full-1");
        foreach (string section in (string[])["scores", "ingredients", "plan", "learning", "reinforcement", "thinking", "calibration", "transcripts", "rollouts", "samples", "cost", "lineage"])
            Assert.Contains($"<section id=\"{section}\"", page);
        foreach (string ingredient in (string[])["compute", "data", "breadth", "duration", "objective", "conditioning", "numerics"]) Assert.Contains($"<dt>{ingredient}</dt>", page);
        Assert.DoesNotContain("<script", page);
        Assert.DoesNotMatch(@"(src|href|url)\s*[=(]\s*""?(https?:)?//", page);
        Assert.Contains("prefers-color-scheme: dark", page);
    }

    [Fact]
    public void Sections_without_data_are_left_out()
    {
        _run.Write("bare-1", 1, onlyRecord: true);
        string page = Page("bare-1");
        Assert.Equal(["ingredients", "plan", "cost", "lineage"], Regex.Matches(page, "<section id=\"([a-z]+)\"").Select(m => m.Groups[1].Value));
        Assert.DoesNotContain("NaN", page);
        Assert.DoesNotContain("<svg", page);
    }

    [Fact]
    public void What_a_model_says_never_becomes_markup()
    {
        string page = Page("full-1");
        Assert.DoesNotContain("alert('x')", page);
        Assert.DoesNotContain("<b>\"", page);
        Assert.DoesNotContain('\a', page);
        Assert.Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;q&quot; \u2407 \u202E \U0001F98A &lt;/style&gt;", page);
        Assert.Equal(1, Regex.Count(page, "</style>"));
        Assert.Contains("books &lt;b&gt;", page);
    }

    [Fact]
    public void The_page_is_well_formed_and_no_number_in_it_is_broken()
    {
        string page = Page("full-1");
        // As XML, once void elements are closed and the doctype is away.
        string xml = Regex.Replace(page, "<(meta|link)([^>]*)>", "<$1$2/>").Replace("<!doctype html>", "", StringComparison.Ordinal);
        xml = Regex.Replace(xml, "<details open>", "<details>");
        var document = new XmlDocument();
        document.LoadXml(xml);
        foreach (XmlElement svg in document.SelectNodes("//svg[@role]")!)
        {
            Assert.NotEmpty(svg.GetAttribute("aria-label"));
            Assert.DoesNotContain("NaN", svg.OuterXml);
            Assert.DoesNotContain("∞", svg.OuterXml);
            foreach (XmlElement circle in svg.SelectNodes(".//circle")!)
                Assert.InRange(double.Parse(circle.GetAttribute("cx").TrimEnd('%'), CultureInfo.InvariantCulture), 0, 100);
        }
    }

    [Fact]
    public void Report_json_holds_what_the_page_shows()
    {
        Page("full-1");
        JsonElement json = JsonDocument.Parse(_run.Read("full-1", "report.json")).RootElement;
        Assert.Equal("full-1", json.GetProperty("run").GetString());
        Assert.Equal(7, json.GetProperty("ingredients").GetArrayLength());
        Assert.Equal(6, json.GetProperty("exams").GetArrayLength());
        Assert.Equal(0.0625, json.GetProperty("calibration").GetProperty("ece").GetDouble());
        Assert.Equal([0, 32], json.GetProperty("budgets").EnumerateArray().Select(b => b.GetProperty("budget").GetInt32()));
        JsonElement loss = json.GetProperty("learning").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "loss");
        Assert.Equal(80_000, loss.GetProperty("x").EnumerateArray().Last().GetDouble());
        JsonElement reward = json.GetProperty("reinforcement").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "reward/calendar");
        Assert.Equal(1, reward.GetProperty("x")[0].GetDouble());
        Assert.Equal(0.5, json.GetProperty("reinforcement").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "truncated").GetProperty("values")[0].GetDouble());
        Assert.Contains("train_seconds", json.GetProperty("reinforcement").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
        Assert.All(json.GetProperty("exams").EnumerateArray(), e => Assert.Equal("held-out", e.GetProperty("split").GetString()));
    }

    [Fact]
    public void The_verdict_says_what_was_done_and_what_came_of_it() => Assert.Equal(
        "A model of 123k parameters learned from 80.0k tokens in 36 s on 2 threads. On 2 exams of unseen questions it scores 100% in the mean, best at addition (100%) and worst at addition (100%); reinforcement learning lifted the mean by 60 ± 7 points.",
        Reports.Read(_run.Workspace, "full-1").Verdict);

    [Fact]
    public void The_plan_of_reinforcement_is_shown_as_episodes_not_as_text()
    {
        string page = Page("full-1");
        Assert.Contains("32 tasks, 8 times each", page);
        Assert.Contains("until the limit", page);
        Assert.Contains("rl on the expected reward of calendar, by dr-grpo", page);
        Assert.Contains("25% of them from files", page);
        Assert.DoesNotContain(int.MaxValue.ToString("N0", CultureInfo.InvariantCulture), page);
    }

    [Fact]
    public void Unanswerable_questions_have_a_table_of_their_own() =>
        Assert.Matches("nobody can answer[\\s\\S]*abstain</th><td class=\"n\">25.0%</td>", Page("full-1"));

    [Fact]
    public void A_change_within_the_errors_is_not_called_a_lift()
    {
        _run.Write("flat-1", 0.02);
        Assert.Contains("within the error", Reports.Read(_run.Workspace, "flat-1").Verdict);
    }

    [Fact]
    public void Damaged_lines_are_left_out_and_counted()
    {
        string metrics = Path.Combine(_run.Folder("full-1"), "metrics.jsonl"), exams = Path.Combine(_run.Folder("full-1"), "exams.jsonl");
        IReadOnlyList<Curve> before = Reports.Read(_run.Workspace, "full-1").Learning;
        File.AppendAllText(metrics, "{\"step\": 9, \"lo\n[]\n{\"no\": 1}\n{\"step\": 1.5}\n\n{\"step\":200,\"stage\":\"sft\",\"sample\":\"\\ud800\"}\n");
        File.AppendAllText(exams, "{\"stage\": \"rl\"}\n");
        File.WriteAllText(Path.Combine(_run.Folder("full-1"), "calibration.json"), "{");
        RunReport report = Reports.Read(_run.Workspace, "full-1");
        Assert.Equal(["metrics.jsonl: 5 damaged lines were left out.", "exams.jsonl: 1 damaged line was left out.", "calibration.json is damaged and was left out."], report.Warnings);
        Assert.Null(report.Calibration);
        Assert.Equal(before.Select(c => c.Values.Count), report.Learning.Select(c => c.Values.Count));
        Assert.Contains("5 damaged lines", Page("full-1"));
    }

    [Fact]
    public void A_run_that_is_not_there_is_one_line_that_lists_those_that_are()
    {
        string message = Assert.Throws<ReverieException>(() => Reports.Write(_run.Workspace, "nope")).Message;
        Assert.Contains("There is no run \"nope\"", message);
        Assert.EndsWith("There are: full-1.", message);
        Assert.Contains("raise", Assert.Throws<ReverieException>(() => Reports.Write(new Workspace(Path.Combine(_run.Workspace.Root, "empty")), "x")).Message);
    }

    [Fact]
    public void A_run_can_be_named_by_its_folder() => Assert.Equal("full-1", Reports.Read(_run.Workspace, _run.Folder("full-1") + "/").Run);

    [Fact]
    public void Energy_is_time_by_the_power_that_is_given_or_assumed()
    {
        RunCost assumed = Reports.Read(_run.Workspace, "full-1").Cost, given = Reports.Read(_run.Workspace, "full-1", watts: 100).Cost;
        Assert.Equal(36 * 20 / 3600.0, assumed.WattHours, 9);
        Assert.Contains("10 W for each of 2", assumed.Assumption);
        Assert.Equal(1, given.WattHours, 9);
    }

    [Fact]
    public void Two_runs_are_compared_by_plan_curves_and_scores()
    {
        _run.Write("weak-1", 0);
        string page = File.ReadAllText(Reports.Compare(_run.Workspace, "weak-1", "full-1"));
        Assert.Contains("full-1 scores +60 points against weak-1 in the mean of 2 exams. Outside the errors it is better in 2 and worse in 0.", page);
        Assert.Contains("the plans are the same", page);
        Assert.Contains("+60 (+49 to +69)", page);
        Assert.Contains("class=\"line dashed c1\"", page);
        Assert.Equal(2, JsonDocument.Parse(_run.Read("full-1", "against-weak-1.json")).RootElement.GetProperty("runs").GetArrayLength());
    }

    private string Page(string run) => File.ReadAllText(Reports.Write(_run.Workspace, run));
}
