using System.Text;

namespace Reverie.Models;

/// <summary>The text of a generation as it grows: whole characters, cut at stop texts.</summary>
/// <param name="stops">The stop texts.</param>
/// <param name="dropsFirstSpace">Leaves out a space that everything begins with.</param>
internal sealed class GenerationText(IReadOnlyList<string> stops, bool dropsFirstSpace = false)
{
    private readonly Utf8Stream _characters = new();
    private readonly StopStringScanner _scanner = new(stops);
    private readonly StringBuilder _text = new();
    private bool _dropsSpace = dropsFirstSpace;
    private int _taken;

    /// <summary>All that is certain.</summary>
    public string Text => _text.ToString();

    /// <summary>Takes a token's bytes; true when a stop text is complete, after which nothing more may come.</summary>
    public bool Append(ReadOnlySpan<byte> bytes)
    {
        if (_dropsSpace && bytes is [(byte)' ', ..]) bytes = bytes[1..];
        _dropsSpace = false;
        _text.Append(_scanner.Append(_characters.Append(bytes)));
        return _scanner.Found is not null;
    }

    /// <summary>Ends the text: what was held back belongs to it, unless a stop text ended it. True when one did.</summary>
    public bool Finish()
    {
        if (_scanner.Found is not null) return true;
        _text.Append(_scanner.Append(_characters.Flush()));
        if (_scanner.Found is null) _text.Append(_scanner.Flush());
        return _scanner.Found is not null;
    }

    /// <summary>What has become certain since the last call.</summary>
    public string TakeNew()
    {
        if (_taken == _text.Length) return "";
        string text = _text.ToString(_taken, _text.Length - _taken);
        _taken = _text.Length;
        return text;
    }
}
