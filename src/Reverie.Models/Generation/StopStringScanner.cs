namespace Reverie.Models;

/// <summary>
/// Finds stop texts in text that comes in pieces, and holds back what could still become one. The result is the same
/// however the text is cut: the stop text that ends first wins, and of those that end together the longest.
/// </summary>
/// <param name="stops">What to look for.</param>
public sealed class StopStringScanner(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>The stop text that was found, once one was.</summary>
    public string? Found { get; private set; }

    /// <summary>What followed the stop text in the piece that completed it.</summary>
    public string Rest { get; private set; } = "";

    /// <summary>Takes a piece and returns the text that is certain now; when <see cref="Found"/>, all that stands before the stop text.</summary>
    public string Append(string piece)
    {
        string text = _held + piece;
        int start = -1, end = int.MaxValue;
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at < 0 || at + stop.Length > end || (at + stop.Length == end && at > start)) continue;
            (start, end, Found) = (at, at + stop.Length, stop);
        }

        if (Found is not null)
        {
            _held = "";
            Rest = text[end..];
            return text[..start];
        }

        int held = 0;
        foreach (string stop in stops)
            for (int length = Math.Min(stop.Length - 1, text.Length); length > held; length--)
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length))) held = length;
        _held = text[^held..];
        return text[..^held];
    }

    /// <summary>Ends the text: returns what was held back.</summary>
    public string Flush()
    {
        string held = _held;
        _held = "";
        return held;
    }
}
