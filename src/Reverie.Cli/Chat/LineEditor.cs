using System.Text;
using Reverie.Cli.Display;

namespace Reverie.Cli.Chat;

/// <summary>
/// Reads a line on a terminal, with arrows, Home and End, deleting, and the lines before. It stays in one row and scrolls sideways,
/// so that it never has to know where the terminal wraps.
/// </summary>
/// <param name="read">Waits for a key; Ctrl+C is a key too.</param>
/// <param name="writer">The terminal.</param>
/// <param name="width">Its columns.</param>
internal sealed class LineEditor(Func<ConsoleKeyInfo> read, TextWriter writer, Func<int> width)
{
    // Bracketed paste: asked to, a terminal says where a paste begins and ends.
    private const string PasteOn = "\e[?2004h", PasteOff = "\e[?2004l", PasteStart = "[200~", PasteEnd = "[201~";

    private readonly List<string> _history = [];
    private readonly Queue<ConsoleKeyInfo> _ahead = [];
    private readonly List<string> _pasted = [];
    private string _text = "";
    private int _cursor, _first, _shown, _recalled;

    /// <summary>What was pasted into the last line, and into lines before it that may have been taken back; lines of a paste are joined by spaces.</summary>
    public IReadOnlyList<string> Pasted => _pasted;

    /// <summary>Reads a line.</summary>
    /// <param name="prompt">Stands before it.</param>
    /// <returns>The line; null at its end of input, Ctrl+D.</returns>
    /// <exception cref="OperationCanceledException">Ctrl+C on an empty line; on another one it only empties it.</exception>
    public string? Read(string prompt)
    {
        writer.Write(PasteOn);
        try
        {
            return Edit(prompt);
        }
        finally
        {
            writer.Write(PasteOff);
            writer.Flush();
        }
    }

    private string? Edit(string prompt)
    {
        (_text, _cursor, _first, _recalled) = ("", 0, 0, _history.Count);
        while (true)
        {
            if (_ahead.Count == 0) Draw(prompt);
            ConsoleKeyInfo key = Next();
            if (key.Key is ConsoleKey.Escape && Follows(PasteStart))
            {
                Paste();
                continue;
            }

            bool control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    // What is said stays on the screen whole.
                    if (_text.Length > _shown) writer.Write(Start(prompt) + _text);
                    writer.WriteLine();
                    if (_text.Trim().Length > 0) _history.Add(_text);
                    return _text;
                case ConsoleKey.D when control && _text.Length == 0:
                    writer.WriteLine();
                    return null;
                case ConsoleKey.C when control && _text.Length == 0:
                    writer.WriteLine();
                    throw new OperationCanceledException();
                default:
                    Edit(key, control);
                    break;
            }
        }
    }

    private void Edit(ConsoleKeyInfo key, bool control)
    {
        switch (key.Key)
        {
            case ConsoleKey.C or ConsoleKey.U when control:
                (_text, _cursor) = ("", 0);
                break;
            case ConsoleKey.W when control:
                Delete(_text[.._cursor].TrimEnd().LastIndexOf(' ') + 1, _cursor);
                break;
            case ConsoleKey.K when control:
                _text = _text[.._cursor];
                break;
            case ConsoleKey.Backspace:
                Delete(Before(_cursor), _cursor);
                break;
            case ConsoleKey.Delete:
            case ConsoleKey.D when control:
                Delete(_cursor, After(_cursor));
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Before(_cursor);
                break;
            case ConsoleKey.RightArrow:
                _cursor = After(_cursor);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _cursor = _text.Length;
                break;
            case ConsoleKey.UpArrow:
                Recall(-1);
                break;
            case ConsoleKey.DownArrow:
                Recall(1);
                break;
            default:
                if (!char.IsControl(key.KeyChar)) (_text, _cursor) = (_text.Insert(_cursor, key.KeyChar.ToString()), _cursor + 1);
                break;
        }
    }

    private ConsoleKeyInfo Next() => _ahead.Count > 0 ? _ahead.Dequeue() : read();

    /// <summary>Whether the keys after an escape are those of a sequence, which come at once; others are read later as what they are.</summary>
    private bool Follows(string sequence)
    {
        var keys = new List<ConsoleKeyInfo>();
        foreach (char expected in sequence)
        {
            keys.Add(Next());
            if (keys[^1].KeyChar == expected) continue;
            // In front of what is waiting already.
            ConsoleKeyInfo[] rest = [.. _ahead];
            _ahead.Clear();
            foreach (ConsoleKeyInfo key in keys.Concat(rest)) _ahead.Enqueue(key);
            return false;
        }

        return true;
    }

    /// <summary>Takes everything up to the end of a paste; it is one line, whatever was pasted.</summary>
    private void Paste()
    {
        var pasted = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Next();
            if (key.Key is ConsoleKey.Escape && Follows(PasteEnd)) break;
            char c = key.Key is ConsoleKey.Enter or ConsoleKey.Tab || key.KeyChar is '\r' or '\n' or '\t' ? ' ' : key.KeyChar;
            if (!char.IsControl(c)) pasted.Append(c);
        }

        if (pasted.Length == 0) return;
        string text = pasted.ToString();
        _pasted.Add(text);
        (_text, _cursor) = (_text.Insert(_cursor, text), _cursor + text.Length);
    }

    private void Delete(int start, int end)
    {
        start = Math.Clamp(start, 0, end);
        (_text, _cursor) = (_text.Remove(start, end - start), start);
    }

    private void Recall(int direction)
    {
        _recalled = Math.Clamp(_recalled + direction, 0, _history.Count);
        _text = _recalled < _history.Count ? _history[_recalled] : "";
        _cursor = _text.Length;
    }

    private int Before(int index) => Math.Max(0, index - (index > 1 && char.IsLowSurrogate(_text[index - 1]) ? 2 : 1));

    private int After(int index) => Math.Min(_text.Length, index + (index < _text.Length && char.IsHighSurrogate(_text[index]) ? 2 : 1));

    private static string Start(string prompt) => $"\r\e[1m{prompt}\e[22m";

    private void Draw(string prompt)
    {
        int room = Math.Max(4, width() - StyledLine.Cells(prompt) - 1);
        _first = Math.Min(_first, _cursor);
        while (StyledLine.Cells(_text[_first.._cursor]) > room) _first = After(_first);
        string shown = StyledLine.Cut(_text[_first..], room);
        _shown = shown.Length;
        int back = StyledLine.Cells(shown) - StyledLine.Cells(_text[_first.._cursor]);
        writer.Write($"{Start(prompt)}{shown}\e[K" + (back > 0 ? $"\e[{back}D" : ""));
        writer.Flush();
    }
}
