using System.Globalization;
using System.Text;

namespace Reverie.Evaluation;

/// <summary>
/// A line plot as SVG that takes its colours from the page and stretches with it while letters and strokes keep their size: x is in
/// percent of the width, y in pixels.
/// </summary>
internal sealed record LinePlot(string Title, string Unit, string XTitle, IReadOnlyList<PlotSeries> Series)
{
    private const double Columns = 1000, LabelGap = 13, LetterWidth = 6.7;

    /// <summary>Height of the plotting area in pixels.</summary>
    public double Height { get; init; } = 190;

    /// <summary>Logarithmic axes.</summary>
    public bool LogX { get; init; }

    /// <inheritdoc cref="LogX"/>
    public bool LogY { get; init; }

    /// <summary>Axes on which 1 is 100%.</summary>
    public bool PercentX { get; init; }

    /// <inheritdoc cref="PercentX"/>
    public bool PercentY { get; init; }

    /// <summary>Values that the axes reach at least.</summary>
    public IReadOnlyList<double> ReachX { get; init; } = [];

    /// <inheritdoc cref="ReachX"/>
    public IReadOnlyList<double> ReachY { get; init; } = [];

    /// <summary>Whether y = x is drawn.</summary>
    public bool Diagonal { get; init; }

    /// <summary>Vertical lines with the name of what ends there.</summary>
    public IReadOnlyList<(double X, string Name)> Marks { get; init; } = [];

    /// <summary>The figure.</summary>
    public Html Render()
    {
        var x = new PlotAxis([.. Series.SelectMany(s => s.X), .. ReachX], LogX, PercentX, round: false);
        IEnumerable<double> values = Series.SelectMany(s => s.Y.Concat(s.Raw ?? []).Concat(s.Intervals?.SelectMany(i => (double[])[i.Low, i.High]) ?? []));
        var y = new PlotAxis([.. values, .. ReachY], LogY, PercentY);
        double Across(double v) => 100 * x.Position(v);
        double Down(double v) => Height * (1 - Math.Clamp(y.Position(v), 0, 1));
        string[] labels = [.. Series.Select(s => s.Y.Count == 0 ? "" : Series.Count > 1 ? $"{s.Name} {y.Value(s.Y[^1])}" : y.Value(s.Y[^1]))];
        double[] heights = Spread([.. Series.Select(s => s.Y.Count == 0 ? Height : Down(s.Y[^1]))]);
        double right = Diagonal ? 12 : 14 + LetterWidth * labels.Max(l => l.Length);
        return $"""
            <figure><figcaption>{Title} <small>{Unit}</small></figcaption>
            <div class="plot"><svg role="img" aria-label="{Summary(y)}" style="height:{Height}px;margin-right:{right}px;width:calc(100% - {46 + right}px)">
            {y.Ticks.Select(t => (Html)$"""<line class="grid" x2="100%" y1="{Down(t)}" y2="{Down(t)}"/><text class="tick" text-anchor="end" x="-7" y="{Down(t) + 4}">{y.Label(t)}</text>""")}
            {x.Ticks.Select(t => (Html)$"""<text class="tick" text-anchor="middle" x="{Across(t)}%" y="{Height + 17}">{x.Label(t)}</text>""")}
            <text class="axis" text-anchor="end" x="100%" y="{Height + 34}">{XTitle}</text>
            {Marks.Select((m, i) => (Html)$"""<line class="mark" x1="{Across(m.X)}%" x2="{Across(m.X)}%" y2="{Height}"/><text class="axis" text-anchor="end" x="{Across(m.X)}%" dx="-4" y="{11 + i % 2 * 12}">{m.Name}</text>""")}
            {(Diagonal ? $"""<line class="mark" x1="0" y1="{Height}" x2="100%" y2="0"/>""" : Html.Empty)}
            <svg width="100%" height="{Height}" viewBox="0 0 {Columns} {Height}" preserveAspectRatio="none">{Series.Select(s => (Html)$"""{(s.Raw is null ? Html.Empty : Path(s, s.Raw, "raw"))}{Path(s, s.Y, s.Dashed ? "line dashed" : "line")}""")}</svg>
            {Series.Select(s => Points(s))}
            {(Diagonal ? Html.Empty : Html.Join(Series.Select((s, i) => (Html)$"""<text class="label {Colour(s)}" x="100%" dx="8" y="{heights[i] + 4}">{labels[i]}</text>""")))}
            </svg></div></figure>

            """;

        Html Path(PlotSeries s, IReadOnlyList<double> shown, string kind)
        {
            var d = new StringBuilder();
            for (int i = 0; i < s.X.Count; i++)
                d.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{x.Position(s.X[i]) * Columns:0.#} {Down(shown[i]):0.#}");
            return $"""<path class="{kind} {Colour(s)}" d="{d.ToString()}"/>""";
        }

        Html Points(PlotSeries s) => !s.HasDots ? Html.Empty : $"""
            <g class="{Colour(s)}">{s.Intervals?.Select((v, i) => (Html)$"""<line class="error" x1="{Across(s.X[i])}%" x2="{Across(s.X[i])}%" y1="{Down(v.Low)}" y2="{Down(v.High)}"/>""") ?? []}{s.X.Select((v, i) => (Html)$"""<circle cx="{Across(v)}%" cy="{Down(s.Y[i])}" r="3.2"><title>{s.Notes?[i] ?? $"{s.Name}: {y.Value(s.Y[i])}"}</title></circle>""")}</g>
            """;
    }

    private string Summary(PlotAxis y) => $"{Title}, {Unit}. " + string.Join("; ", Series.Where(s => s.Y.Count > 0).Select(s => $"{s.Name} from {y.Value(s.Y[0])} to {y.Value(s.Y[^1])}"));

    private static string Colour(PlotSeries series) => $"c{series.Colour % 8}";

    /// <summary>Moves labels apart that would lie on one another, keeping their order and staying inside.</summary>
    private double[] Spread(double[] wanted)
    {
        int[] order = [.. Enumerable.Range(0, wanted.Length).OrderBy(i => wanted[i])];
        double[] placed = [.. wanted];
        for (int i = 1; i < order.Length; i++) placed[order[i]] = Math.Max(placed[order[i]], placed[order[i - 1]] + LabelGap);
        double limit = Height + 2;
        foreach (int i in order.Reverse())
        {
            placed[i] = Math.Min(placed[i], limit);
            limit = placed[i] - LabelGap;
        }

        return placed;
    }
}
