namespace Reverie.Evaluation;

/// <summary>Values with their intervals, a row each, all on one axis; SVG that stretches like <see cref="LinePlot"/>.</summary>
/// <param name="Title">What is shown.</param>
/// <param name="Unit">In which unit.</param>
/// <param name="Names">Name of each colour, in order.</param>
/// <param name="Rows">The rows from above.</param>
internal sealed record DotPlot(string Title, string Unit, IReadOnlyList<string> Names, IReadOnlyList<DotRow> Rows)
{
    private const double Lane = 11, Gap = 15, Left = 128, Right = 46;

    /// <summary>Ends of the axis; shares of 1.</summary>
    public (double Low, double High) Range { get; init; } = (0, 1);

    /// <summary>The figure.</summary>
    public Html Render()
    {
        var x = new PlotAxis([Range.Low, Range.High], percent: true);
        double Across(double v) => 100 * Math.Clamp(x.Position(v), 0, 1);
        double height = Rows.Sum(RowHeight), top = 0;
        var rows = new List<Html>();
        foreach (DotRow row in Rows)
        {
            double middle = top + RowHeight(row) / 2;
            Html note = row.Note.Length == 0 ? Html.Empty : $"""<text class="tick" text-anchor="end" x="-10" y="{middle + 14}">{row.Note}</text>""";
            rows.Add($"""
                <line class="grid" x2="100%" y1="{top}" y2="{top}"/><text class="row" text-anchor="end" x="-10" y="{middle + (row.Note.Length == 0 ? 4 : 0)}">{row.Name}</text>{note}
                {row.Dots.Select((d, i) => Dot(d, top + Gap / 2 + Lane * (i + 0.5)))}

                """);
            top += RowHeight(row);
        }

        return $"""
            <figure class="wide"><figcaption>{Title} <small>{Unit}</small></figcaption>
            <ul class="legend">{(Names.Count < 2 ? [] : Names.Select((n, i) => (Html)$"""<li class="c{i % 8}">{n}</li>"""))}</ul>
            <div class="plot"><svg role="img" aria-label="{Summary()}" style="height:{height}px;margin:0 {Right}px 24px {Left}px;width:calc(100% - {Left + Right}px)">
            {x.Ticks.Select(t => (Html)$"""<line class="{(t == 0 && Range.Low < 0 ? "mark" : "grid")}" x1="{Across(t)}%" x2="{Across(t)}%" y2="{height}"/><text class="tick" text-anchor="middle" x="{Across(t)}%" y="{height + 17}">{x.Label(t)}</text>""")}
            {rows}
            </svg></div></figure>

            """;

        Html Dot(PlotDot d, double y) => $"""
            <g class="c{d.Colour % 8}"><line class="error" x1="{Across(d.Low)}%" x2="{Across(d.High)}%" y1="{y}" y2="{y}"/><circle cx="{Across(d.Value)}%" cy="{y}" r="4"><title>{Describe(d)}</title></circle></g>
            """;
    }

    private static double RowHeight(DotRow row) => Math.Max(32, Gap + Lane * row.Dots.Count);

    private string Describe(PlotDot d) => $"{(d.Colour < Names.Count ? Names[d.Colour] + ": " : "")}{Figures.Percent(d.Value, 1)} ({Figures.Percent(d.Low, 1)} to {Figures.Percent(d.High, 1)})";

    private string Summary() => $"{Title}, {Unit}. " + string.Join("; ", Rows.Select(r => $"{r.Name}{(r.Note.Length > 0 ? $" ({r.Note})" : "")}: {string.Join(", ", r.Dots.Select(Describe))}"));
}

/// <summary>A row of a dot plot.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Note">A few more words, or none.</param>
/// <param name="Dots">Its values, drawn below one another.</param>
internal sealed record DotRow(string Name, string Note, IReadOnlyList<PlotDot> Dots);

/// <summary>A value with its 95% interval.</summary>
internal readonly record struct PlotDot(int Colour, double Value, double Low, double High);
