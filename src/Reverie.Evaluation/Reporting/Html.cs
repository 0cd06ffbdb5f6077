using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Reverie.Evaluation;

/// <summary>
/// Markup, written as an interpolated string: what stands in the literal is markup, every text that is put in is encoded, so that no
/// transcript can become markup. Only other <see cref="Html"/> goes in as it is.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Html
{
    private readonly StringBuilder _text;

    /// <summary>Begins an interpolated string.</summary>
    public Html(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + 16 * formattedCount);

    /// <summary>No markup.</summary>
    public static Html Empty => new(0, 0);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _text.Length == 0;

    /// <summary>Pieces after one another.</summary>
    public static Html Join(IEnumerable<Html> parts)
    {
        var all = new Html(0, 0);
        all.AppendFormatted(parts);
        return all;
    }

    /// <summary>Markup of the program.</summary>
    public void AppendLiteral(string markup) => _text.Append(markup);

    /// <summary>Other markup.</summary>
    public void AppendFormatted(Html markup) => _text.Append(markup._text);

    /// <summary>Other markup, piece by piece.</summary>
    public void AppendFormatted(IEnumerable<Html> parts)
    {
        foreach (Html part in parts) _text.Append(part._text);
    }

    /// <summary>A coordinate or another number of the page's layout.</summary>
    public void AppendFormatted(double value) => _text.Append(value.ToString("0.##", CultureInfo.InvariantCulture));

    /// <summary>Any text.</summary>
    public void AppendFormatted(string? text)
    {
        foreach (Rune rune in (text ?? "").EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&': _text.Append("&amp;"); break;
                case '<': _text.Append("&lt;"); break;
                case '>': _text.Append("&gt;"); break;
                case '"': _text.Append("&quot;"); break;
                case '\'': _text.Append("&#39;"); break;
                case '\n' or '\t': _text.Append((char)rune.Value); break;
                // Control characters are not allowed in HTML; their pictures are.
                case < 0x20: _text.Append((char)(0x2400 + rune.Value)); break;
                case >= 0x7f and < 0xa0: _text.Append('\uFFFD'); break;
                default: _text.Append(rune.ToString()); break;
            }
        }
    }

    /// <summary>The markup.</summary>
    public override string ToString() => _text.ToString();
}
