using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>A line of styled text that is cut, never wrapped, at its width.</summary>
internal sealed class StyledLine
{
    private readonly List<Segment> _segments = [];
    private readonly int _width;

    /// <summary>Begins a line that may take <paramref name="width"/> cells.</summary>
    public StyledLine(int width) => _width = Left = width;

    /// <summary>Cells still free.</summary>
    public int Left { get; private set; }

    /// <summary>Adds text as far as it fits.</summary>
    public StyledLine Add(string text, Style? style = null)
    {
        if (Left <= 0 || text.Length == 0) return this;
        int cells = Cells(text);
        if (cells > Left)
        {
            text = Cut(text, Left);
            cells = Cells(text);
            Left = cells;
        }

        _segments.Add(new Segment(text, style ?? Style.Plain));
        Left -= cells;
        return this;
    }

    /// <summary>Adds spaces up to a column.</summary>
    public StyledLine To(int column) => Add(new string(' ', Math.Max(0, column - (_width - Left))));

    /// <summary>The line with its end.</summary>
    public IEnumerable<Segment> Segments => _segments.Append(Segment.LineBreak);

    /// <summary>Cells that a text takes on a terminal.</summary>
    public static int Cells(string text) => System.Text.Ascii.IsValid(text) ? text.Length : Segment.CellCount([new Segment(text)]);

    /// <summary>The longest beginning of a text that takes no more cells than that, in whole characters.</summary>
    public static string Cut(string text, int cells)
    {
        int taken = 0, length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            taken += Cells(rune.ToString());
            if (taken > cells) break;
            length += rune.Utf16SequenceLength;
        }

        return text[..length];
    }
}
