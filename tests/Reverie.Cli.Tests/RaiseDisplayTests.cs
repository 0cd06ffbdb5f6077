using Reverie.Cli.Display;
using Reverie.Evaluation;
using Spectre.Console;
using Spectre.Console.Testing;

namespace Reverie.Cli.Tests;

public class RaiseDisplayTests
{
    private static readonly RaiseOptions _options = new() { Name = "tiny", Minutes = 5 };

    [Theory]
    [InlineData(30)]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void Every_frame_of_a_run_fits_its_width(int width)
    {
        var clock = new ManualClock();
        var progress = new RaiseProgress(_options, clock);
        var watcher = new FrameWatcher(progress, width);
        Script.Play([progress, watcher], clock);
        Assert.NotEmpty(watcher.Frames);
        foreach (string frame in watcher.Frames)
            Assert.All(frame.Split('\n'), line => Assert.True(line.Length < width, $"{line.Length}: {line}"));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void In_the_middle_of_a_stage_it_shows_where_the_run_stands(int width)
    {
        string frame = FrameInTheMiddle(width);
        Assert.Contains("raising tiny", frame);
        Assert.Contains("✓ measure", frame);
        Assert.Contains("✓ pretrain", frame);
        Assert.Contains("▸ midtrain", frame);
        Assert.Contains("· sft", frame);
        Assert.Contains("· exams", frame);
        Assert.Contains("50%", frame);
        Assert.Contains("stories 0.30 → 0.15", frame);
        Assert.Contains("4,096 tokens/s", frame);
        Assert.Contains("49% of ceiling", frame); // 4096 tokens/s of 12 MFLOP in 100 GFLOP/s
        Assert.Contains("▁", frame);
        Assert.Contains("named Ruby.", frame.ReplaceLineEndings(" ").Replace("  ", " "));
        if (width > 40) Assert.Contains("0:10 left", frame);
    }

    [Fact]
    public void Control_characters_of_a_young_model_do_not_reach_the_terminal() =>
        Assert.DoesNotContain('\e', FrameInTheMiddle(80));

    [Fact]
    public void At_the_end_all_is_ticked_and_the_exams_stand_there()
    {
        var clock = new ManualClock();
        var progress = new RaiseProgress(_options, clock);
        Script.Play([progress], clock);
        string frame = Frame(progress, 80);
        Assert.Contains("addition 97%", frame);
        Assert.Contains("facts 85%", frame);
        Assert.Contains("✓ sft", frame);
        Assert.DoesNotContain("· ", frame);
    }

    [Fact]
    public void Stages_that_an_earlier_process_finished_are_ticked_when_a_run_resumes()
    {
        var progress = new RaiseProgress(_options, new ManualClock());
        progress.Planned(Script.Plan, resumed: true);
        progress.StageStarted(Script.Plan.Recipe.Stages[1], 10);
        string frame = Frame(progress, 80);
        Assert.Matches("✓ pretrain +- +done before", frame);
        Assert.Contains("▸ midtrain", frame);
        Assert.Contains("25%", frame);
    }

    [Fact]
    public void A_stop_is_acknowledged()
    {
        var progress = new RaiseProgress(_options, new ManualClock());
        progress.Stop();
        Assert.Contains("stopping after this step", Frame(progress, 80));
    }

    [Fact]
    public void The_live_display_paints_over_itself_below_what_stays_and_gives_the_cursor_back()
    {
        var output = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(output) });
        var clock = new ManualClock();
        var progress = new RaiseProgress(_options, clock);
        using (var display = new RaiseDisplay(console, progress))
        {
            progress.PlanStands += (_, _) => display.WriteAbove(new Text("the plan\n"));
            Script.Play([progress], clock);
        }

        string[] screen = Screen(output.ToString());
        Assert.Equal("the plan", screen[0]);
        Assert.StartsWith(" raising tiny", screen[1]);
        Assert.Single(screen, line => line.Contains("raising tiny"));
        Assert.Contains(screen, line => line.Contains("addition 97%"));
        Assert.EndsWith("\e[?25h", output.ToString());
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void The_plan_shows_every_number_with_its_option(int width)
    {
        var console = new TestConsole().Width(width);
        console.Write(PlanView.Of(Script.Plan, _options, resumed: false));
        Assert.All(console.Lines, line => Assert.True(line.Length <= width));
        string text = string.Join(' ', console.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (string option in new[] { "--minutes", "--width", "--layers", "--vocabulary", "--context", "--tokens", "--batch-tokens", "--optimizer", "--learning-rate", "--seed", "--threads", "--data", "--data-share", "--tied" })
            Assert.Contains(option, text);
        foreach (string number in new[] { "1,536 tokens", "256 tokens", "width 160", "5 layers", "rate 0.004", "rate 0.0008", "stories 60%", "beta2 0.98" }) Assert.Contains(number, text);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(80)]
    [InlineData(120)]
    public void The_summary_marks_scores_against_their_targets(int width)
    {
        var console = new TestConsole().Width(width);
        console.Write(SummaryView.Of(Script.Result, [new ExamResult("addition", 100, 0.97, 0.017, [])]));
        Assert.All(console.Lines, line => Assert.True(line.Length <= width));
        string[] lines = [.. console.Lines];
        Assert.Contains(lines, l => l.Contains("addition") && l.Contains('✓'));
        Assert.Contains(lines, l => l.Contains("facts") && l.Contains('✗'));
        Assert.Contains(lines, l => l.Contains("abstain") && !l.Contains("target"));
        Assert.Contains("0.734", console.Output);
        Assert.Contains("tiny@3", console.Output);
    }

    [Fact]
    public void Plain_lines_tell_the_same_without_a_terminal()
    {
        var clock = new ManualClock();
        var progress = new RaiseProgress(_options, clock);
        var writer = new StringWriter();
        Script.Play([progress, new PlainRaiseLog(writer, progress, TimeSpan.FromSeconds(5), clock)], clock);
        string text = writer.ToString();
        Assert.DoesNotContain('\e', text);
        Assert.Contains("pretrain   40 steps of 2,048 tokens", text);
        Assert.Contains("pretrain   step 10/40  loss", text);
        Assert.Contains("4,096 tokens/s  49% of ceiling", text);
        Assert.Contains("addition  97.0% ± 2.0% of 100", text);
        // 20 seconds a stage and a line every 5 of them, not one for each step.
        Assert.InRange(text.Split('\n').Count(l => l.Contains("midtrain   step")), 1, 5);
    }

    /// <summary>What a terminal shows that knows a newline, going up, and erasing to the end of line and screen.</summary>
    private static string[] Screen(string written)
    {
        var rows = new List<string> { "" };
        int row = 0, column = 0;
        for (int i = 0; i < written.Length; i++)
        {
            if (written[i] == '\r') column = 0;
            else if (written[i] == '\n')
            {
                column = 0;
                if (++row == rows.Count) rows.Add("");
            }
            else if (written[i] == '\e')
            {
                int end = i + 2;
                while (!char.IsLetter(written[end])) end++;
                int.TryParse(written[(i + 2)..end], out int count);
                if (written[end] == 'A') row = Math.Max(0, row - count);
                if (written[end] == 'K') rows[row] = rows[row][..column];
                if (written[end] == 'J')
                {
                    rows[row] = rows[row][..column];
                    rows.RemoveRange(row + 1, rows.Count - row - 1);
                }

                i = end;
            }
            else
            {
                rows[row] = rows[row][..column] + written[i] + (column + 1 < rows[row].Length ? rows[row][(column + 1)..] : "");
                column++;
            }
        }

        return [.. rows];
    }

    private static string FrameInTheMiddle(int width)
    {
        var clock = new ManualClock();
        var progress = new RaiseProgress(_options, clock);
        Script.Play([progress], clock, stopIn: "midtrain", stopAfter: Script.Steps / 2);
        return Frame(progress, width);
    }

    private static string Frame(RaiseProgress progress, int width)
    {
        var console = new TestConsole().Width(width);
        console.Write(new RaiseFrame(progress.Snapshot()));
        return console.Output;
    }

    private sealed class FrameWatcher(RaiseProgress progress, int width) : ListenerBase
    {
        public List<string> Frames { get; } = [];

        protected override void Told() => Frames.Add(Frame(progress, width));
    }
}
