namespace Reverie.Models;

/// <summary>Tells reasoning from answer in text that comes in pieces: what stands between the tags is reasoning, the tags are neither.</summary>
internal sealed class ThinkingSplitter
{
    private StopStringScanner _scanner = new([SpecialToken.ThinkStart]);
    private bool _thinking;

    /// <summary>Takes a piece of text and returns what is certain of it, cut at the tags.</summary>
    public IEnumerable<ChatPiece> Append(string text)
    {
        while (true)
        {
            string certain = _scanner.Append(text);
            if (certain.Length > 0) yield return new ChatPiece(certain, _thinking);
            if (_scanner.Found is null) yield break;
            text = _scanner.Rest;
            _thinking = !_thinking;
            _scanner = new StopStringScanner([_thinking ? SpecialToken.ThinkEnd : SpecialToken.ThinkStart]);
        }
    }

    /// <summary>Ends the text.</summary>
    public ChatPiece Flush() => new(_scanner.Flush(), _thinking);
}
