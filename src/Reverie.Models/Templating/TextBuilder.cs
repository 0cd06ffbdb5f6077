using System.Text;

namespace Reverie.Models.Templating;

/// <summary>Joins texts and keeps who wrote which part.</summary>
/// <param name="meter">Pays for the characters.</param>
internal sealed class TextBuilder(Meter meter)
{
    private readonly StringBuilder _characters = new();
    private readonly List<TextRun> _runs = [];

    /// <summary>Appends letters of one origin.</summary>
    public void Append(ReadOnlySpan<char> characters, Origin origin = default)
    {
        if (characters.Length == 0) return;
        meter.Copy(characters.Length, _characters.Length);
        _characters.Append(characters);
        if (_runs.Count > 0 && _runs[^1].Origin == origin) _runs[^1] = new TextRun(_characters.Length, origin);
        else _runs.Add(new TextRun(_characters.Length, origin));
    }

    /// <summary>Appends a text.</summary>
    public void Append(Text text) => Append(text, 0, text.Characters.Length);

    /// <summary>Appends the part of a text from one UTF-16 index up to another, exclusive.</summary>
    public void Append(Text text, int start, int end)
    {
        for (int i = text.RunAt(start); start < end; i++)
        {
            int stop = Math.Min(text.Runs[i].End, end);
            Append(text.Characters.AsSpan(start, stop - start), text.Runs[i].Origin);
            start = stop;
        }
    }

    /// <summary>Appends what stands inside <c>{% generation %}</c>.</summary>
    public void AppendGenerated(Text text)
    {
        int start = 0;
        foreach (TextRun run in text.Runs)
        {
            Append(text.Characters.AsSpan(start, run.End - start), run.Origin with { IsGenerated = true });
            start = run.End;
        }
    }

    /// <summary>What was appended.</summary>
    public Text ToText() => new(_characters.ToString(), [.. _runs]);
}
