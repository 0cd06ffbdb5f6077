using Reverie.Training;
using Reverie.Worlds;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>One picture of a run, drawn straight into segments, since it is drawn again several times a second.</summary>
/// <param name="run">What to show.</param>
/// <param name="height">Rows there are; the lowest parts are left out where there are too few.</param>
internal sealed class RaiseFrame(RaiseSnapshot run, int height = int.MaxValue) : Renderable
{
    private const int MarkColumn = 1, NameColumn = 3, TimeColumn = 14, DetailColumn = 23, LabelWidth = 15;
    private const int MaximumWidth = 110, MaximumSampleRows = 3, MaximumEpisodeRows = 6, CurveRows = 2;
    private static readonly Style _dim = new(decoration: Decoration.Dim), _bold = new(decoration: Decoration.Bold);
    private static readonly Style _good = new(Color.Green), _accent = new(Color.Aqua), _warning = new(Color.Yellow), _bad = new(Color.Red);

    private readonly List<StyledLine> _lines = [];
    private int _width;
    private bool _unicode;

    /// <inheritdoc/>
    protected override Measurement Measure(RenderOptions options, int maxWidth) => new(maxWidth, maxWidth);

    /// <inheritdoc/>
    protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth)
    {
        _lines.Clear();
        // One cell less than there is: a full last column makes some terminals wrap.
        (_width, _unicode) = (Math.Min(maxWidth - 1, MaximumWidth), options.Unicode);
        Head();
        foreach (Phase phase in run.Phases) Checklist(phase);
        if (run.Rollouts is { } rollouts)
        {
            Line();
            Passes();
            Flow("rollouts", RolloutFigures.Of(rollouts).Select(f => (f, Style.Plain)));
        }
        else if (!double.IsNaN(run.Loss))
        {
            Line();
            Curve();
            Flow("speed", Speeds());
        }

        Flow("bits per byte", run.BitsPerByte.Select(b => (b.First == b.Now ? $"{b.Source} {b.Now:F2}" : $"{b.Source} {b.First:F2} {Arrow} {b.Now:F2}", Style.Plain)));
        Flow("exams", run.Exams.Select(e => ($"{e.Name} {Figures.Percent(e.Score)}", Targets.IsMissed(e.Name, e.Score) ? _warning : _good)));
        if (run.Rollouts?.Sample is { } episode && run.Sample.Length == 0) Episode(episode);
        else Sample();
        return _lines.Take(height).SelectMany(l => l.Segments).ToArray();
    }

    private string Arrow => _unicode ? "→" : "->";

    private StyledLine Line()
    {
        var line = new StyledLine(_width);
        _lines.Add(line);
        return line;
    }

    private void Head()
    {
        string time = double.IsNaN(run.BudgetSeconds) ? Figures.Clock(run.ElapsedSeconds) : $"{Figures.Clock(run.ElapsedSeconds)} of {Figures.Clock(run.BudgetSeconds)}";
        StyledLine line = Line().Add($" {run.Doing} {run.Name}", _bold);
        if (run.Stopping) line.Add("  stopping after this step", _warning);
        line.To(_width - time.Length).Add(time, _dim);
    }

    private void Checklist(Phase phase)
    {
        StyledLine line = Line().To(MarkColumn);
        (string mark, Style style) = phase.State switch
        {
            PhaseState.Done => (_unicode ? "✓" : "+", _good),
            PhaseState.Running => (_unicode ? "▸" : ">", _accent),
            _ => (_unicode ? "·" : ".", _dim),
        };
        line.Add(mark, style).To(NameColumn).Add(phase.Name, phase.State == PhaseState.Running ? _bold : phase.State == PhaseState.Pending ? _dim : Style.Plain);
        if (phase.State == PhaseState.Pending) return;
        string time = phase.State == PhaseState.Running ? Figures.Clock(phase.Seconds) : Figures.Duration(phase.Seconds);
        line.To(TimeColumn).Add(time.PadLeft(7)).To(DetailColumn);
        if (phase.State == PhaseState.Running && !double.IsNaN(phase.Fraction)) Bar(line, phase);
        else line.Add(phase.Detail, _dim);
    }

    private void Bar(StyledLine line, Phase phase)
    {
        string percent = $" {Figures.Percent(phase.Fraction),4}";
        string left = double.IsNaN(phase.SecondsLeft) ? "" : $"  {Figures.Clock(phase.SecondsLeft)} left";
        string detail = $"  {phase.Detail}";
        int room = line.Left - percent.Length - left.Length;
        if (room - detail.Length < 10) detail = "";
        int cells = Math.Clamp(room - detail.Length, 0, 40), done = (int)Math.Round(Math.Clamp(phase.Fraction, 0, 1) * cells);
        line.Add(new string(_unicode ? '━' : '=', done), _accent).Add(new string(_unicode ? '━' : '-', cells - done), _dim);
        line.Add(percent).Add(left, _dim).Add(detail, _dim);
    }

    private void Curve()
    {
        // The logarithm of the loss: its late, slow progress shows too.
        double[] curve = [.. run.Losses.Select(l => Math.Log(Math.Max(l, 1e-3)))];
        string[] rows = Sparkline.Draw(curve, Math.Max(10, Math.Min(_width - LabelWidth - 1, 64)), CurveRows, _unicode);
        Line().Add(" loss", _dim).To(LabelWidth).Add(rows[0], _accent);
        Line().Add($" {run.Loss:F3}", _bold).To(LabelWidth).Add(rows[1], _accent);
    }

    private void Passes()
    {
        string[] rows = Sparkline.Draw(run.PassRates, Math.Max(10, Math.Min(_width - LabelWidth - 1, 64)), CurveRows, _unicode);
        Line().Add(" pass@1", _dim).To(LabelWidth).Add(rows[0], _accent);
        Line().Add($" {(run.PassRates.Length > 0 ? Figures.Percent(run.PassRates[^1], 1) : "")}", _bold).To(LabelWidth).Add(rows[1], _accent);
    }

    /// <summary>An episode, token by token: what gets credit is green, what gets blame red, what the model did not write dim.</summary>
    private void Episode(CreditedTrace episode)
    {
        Line();
        StyledLine line = Line().Add(" ");
        int rows = 1;
        foreach (TraceSpan span in episode.Trace.Spans)
        {
            for (int i = span.Start; i < span.Start + span.Length; i++)
            {
                string text = Printable(episode.Trace.TextOf(i));
                if (text.Length == 0) continue;
                if (char.IsWhiteSpace(episode.Trace.TextOf(i)[0])) text = " " + text;
                if (line.Left < text.Length)
                {
                    if (rows++ == MaximumEpisodeRows) return;
                    line = Line().Add(" ");
                }

                float credit = episode.Rl[i] + episode.Ce[i];
                line.Add(text, !span.IsActor ? _dim : credit > 0 ? _good : credit < 0 ? _bad : Style.Plain);
            }
        }
    }

    private IEnumerable<(string, Style)> Speeds()
    {
        yield return ($"{Figures.Whole(run.TokensPerSecond)} tokens/s", Style.Plain);
        if (!double.IsNaN(run.Utilisation)) yield return ($"{Figures.Percent(run.Utilisation)} of ceiling", Style.Plain);
        yield return ($"rate {Figures.Rate(run.LearningRate)}", _dim);
        yield return ($"gradient {Figures.ThreeDigits(run.GradientNorm)}", _dim);
    }

    /// <summary>A label and items that go on to the next line when they do not fit.</summary>
    private void Flow(string label, IEnumerable<(string Text, Style Style)> items)
    {
        StyledLine? line = null;
        foreach ((string text, Style style) in items)
        {
            if (line is null) line = Line().Add($" {label}", _dim).To(LabelWidth);
            else if (line.Left < text.Length + 3) line = Line().To(LabelWidth);
            else line.Add("   ");
            line.Add(text, style);
        }
    }

    private void Sample()
    {
        if (run.Sample.Length == 0) return;
        Line();
        string text = Printable(run.Sample);
        int rows = 0;
        while (text.Length > 0 && rows++ < MaximumSampleRows)
        {
            StyledLine line = Line().Add(" ");
            string part = StyledLine.Cut(text, line.Left);
            int space = part.Length < text.Length ? part.LastIndexOf(' ') : -1;
            if (space > 0) part = part[..space];
            text = text[part.Length..].TrimStart();
            if (text.Length > 0 && rows == MaximumSampleRows && part.Length > 3) part = part[..^3].TrimEnd() + "...";
            line.Add(part, _dim);
        }
    }

    /// <summary>One line without control characters, which a young model may well write.</summary>
    internal static string Printable(string text) =>
        string.Join(' ', new string([.. text.Select(c => char.IsControl(c) || c == '\uFFFD' ? ' ' : c)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));
}
