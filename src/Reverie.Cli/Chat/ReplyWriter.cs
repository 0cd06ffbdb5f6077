using System.Text;
using Reverie.Models;

namespace Reverie.Cli.Chat;

/// <summary>
/// Prints a reply as it comes: whole words, wrapped at the terminal's width, thinking dimmed, blank space at the ends left out.
/// Control characters are dropped, so that a model cannot steer the terminal.
/// </summary>
internal sealed class ReplyWriter
{
    /// <summary>A word longer than this is written before its end is known.</summary>
    private const int LongWord = 24;

    private const string DimOn = "\e[2m", DimOff = "\e[22m", ThinkStart = "<think>", ThinkEnd = "</think>";

    private readonly TextWriter _writer;
    private readonly int _width;
    private readonly bool _ansi;
    private readonly StringBuilder _word = new();
    private int _column, _spaces, _newLines;
    private bool _thinking, _started;

    /// <summary>Begins a reply.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="width">Columns to wrap at; 0 to leave lines as they are.</param>
    /// <param name="ansi">Whether thinking can be dimmed; else it stands between its tags.</param>
    public ReplyWriter(TextWriter writer, int width, bool ansi) => (_writer, _width, _ansi) = (writer, width, ansi);

    /// <summary>Prints what is complete of a part of the reply.</summary>
    public void Write(ChatPiece piece)
    {
        if (piece.IsThinking != _thinking) Switch(piece.IsThinking);
        foreach (char c in piece.Text)
        {
            if (c is '\n' or ' ' or '\t')
            {
                FlushWord();
                if (c == '\n') (_newLines, _spaces) = (_newLines + 1, 0);
                else _spaces++;
            }
            else if (!char.IsControl(c))
            {
                _word.Append(c);
                if (_word.Length >= LongWord && !char.IsHighSurrogate(c)) FlushWord();
            }
        }

        _writer.Flush();
    }

    /// <summary>Prints the rest and ends the line.</summary>
    public void Finish()
    {
        FlushWord();
        if (_thinking) Switch(false);
        (_spaces, _newLines) = (0, 0);
        _writer.WriteLine();
        _writer.Flush();
    }

    private void Switch(bool thinking)
    {
        FlushWord();
        _thinking = thinking;
        if (thinking) FlushSpace();
        _writer.Write(_ansi ? thinking ? DimOn : DimOff : thinking ? ThinkStart : ThinkEnd);
        // The answer begins on a line of its own.
        if (!thinking) (_newLines, _spaces) = (Math.Max(_newLines, 1), 0);
    }

    private void FlushWord()
    {
        if (_word.Length == 0) return;
        string word = _word.ToString();
        _word.Clear();
        int cells = Display.StyledLine.Cells(word);
        if (_started && _newLines == 0 && _width > 0 && _column > 0 && _column + _spaces + cells > _width) (_newLines, _spaces) = (1, 0);
        FlushSpace();
        _writer.Write(word);
        _column += cells;
        _started = true;
    }

    private void FlushSpace()
    {
        if (_started)
        {
            for (int i = 0; i < Math.Min(_newLines, 2); i++) _writer.WriteLine();
            if (_newLines > 0) _column = 0;
            _writer.Write(new string(' ', _spaces));
            _column += _spaces;
        }

        (_spaces, _newLines) = (0, 0);
    }
}
