using Reverie.Cli.Chat;

namespace Reverie.Cli.Tests;

public class LineEditorTests
{
    private static readonly ConsoleKeyInfo _enter = Key(ConsoleKey.Enter, '\r');

    [Fact]
    public void Typed_text_is_the_line() => Assert.Equal("héllo 🦊", Read([.. Typed("héllo 🦊"), _enter]));

    [Fact]
    public void Arrows_home_end_and_deleting_edit_it()
    {
        Assert.Equal("the fox", Read([.. Typed("he foxx"), Key(ConsoleKey.Home), .. Typed("t"), Key(ConsoleKey.End), Key(ConsoleKey.Backspace), _enter]));
        Assert.Equal("ac", Read([.. Typed("abc"), Key(ConsoleKey.LeftArrow), Key(ConsoleKey.Backspace), _enter]));
        Assert.Equal("ab", Read([.. Typed("abc"), Key(ConsoleKey.LeftArrow), Key(ConsoleKey.Delete), _enter]));
        Assert.Equal("one ", Read([.. Typed("one two"), Control(ConsoleKey.W), _enter]));
        Assert.Equal("x", Read([.. Typed("🦊"), Key(ConsoleKey.Backspace), .. Typed("x"), _enter]));
        Assert.Equal("", Read([Key(ConsoleKey.Backspace), Key(ConsoleKey.Delete), Key(ConsoleKey.LeftArrow), Key(ConsoleKey.RightArrow), Key(ConsoleKey.UpArrow), _enter]));
    }

    [Fact]
    public void Ctrl_C_empties_the_line_and_on_an_empty_one_interrupts()
    {
        Assert.Equal("new", Read([.. Typed("old"), Control(ConsoleKey.C), .. Typed("new"), _enter]));
        Assert.Throws<OperationCanceledException>(() => Read([Control(ConsoleKey.C)]));
    }

    [Fact]
    public void Ctrl_D_on_an_empty_line_ends_the_input() => Assert.Null(Read([Control(ConsoleKey.D)]));

    [Fact]
    public void Arrow_up_brings_back_the_lines_before()
    {
        var keys = new Queue<ConsoleKeyInfo>([.. Typed("one"), _enter, .. Typed("two"), _enter, Key(ConsoleKey.UpArrow), Key(ConsoleKey.UpArrow), .. Typed("!"), _enter]);
        var editor = new LineEditor(keys.Dequeue, TextWriter.Null, () => 40);
        editor.Read("> ");
        editor.Read("> ");
        Assert.Equal("one!", editor.Read("> "));
    }

    [Fact]
    public void A_line_longer_than_the_terminal_scrolls_and_never_wraps()
    {
        var screen = new StringWriter();
        Assert.Equal(new string('x', 60), Read([.. Typed(new string('x', 60)), Key(ConsoleKey.Home), Key(ConsoleKey.End), _enter], screen));
        string[] rows = screen.ToString().Replace("\e[?2004h", "").Replace("\e[?2004l", "").TrimEnd('\r', '\n').Split('\r');
        Assert.EndsWith(new string('x', 60), rows[^1]);
        foreach (string row in rows[..^1])
            Assert.True(row.Count(c => c is 'x' or '>' or ' ') < 20, row);
    }

    [Fact]
    public void What_is_pasted_is_one_line_and_known_from_what_is_typed()
    {
        var keys = new Queue<ConsoleKeyInfo>([.. Typed("He said: "), .. Pasted("I live in Paris.\r\n\tCall me\e Bob."), .. Typed(" Yes."), _enter, Key(ConsoleKey.UpArrow), _enter]);
        var screen = new StringWriter();
        var editor = new LineEditor(keys.Dequeue, screen, () => 80);
        Assert.Equal("He said: I live in Paris.   Call me Bob. Yes.", editor.Read("> "));
        Assert.Equal(["I live in Paris.   Call me Bob."], editor.Pasted);
        Assert.Equal("He said: I live in Paris.   Call me Bob. Yes.", editor.Read("> "));
        Assert.Equal(2, screen.ToString().Split("\e[?2004h").Length - 1);
        Assert.EndsWith("\e[?2004l", screen.ToString());
    }

    [Fact]
    public void An_escape_that_begins_nothing_is_ignored()
    {
        Assert.Equal("a[20b", Read([.. Typed("a"), Key(ConsoleKey.Escape, '\e'), .. Typed("[20b"), _enter]));
        Assert.Equal("ab", Read([.. Typed("a"), Key(ConsoleKey.Escape, '\e'), Key(ConsoleKey.Escape, '\e'), .. Typed("b"), _enter]));
        Assert.Equal("x", Read([Key(ConsoleKey.Escape, '\e'), .. Pasted("x"), _enter]));
    }

    private static IEnumerable<ConsoleKeyInfo> Pasted(string text) => Keys($"\e[200~{text}\e[201~");

    private static IEnumerable<ConsoleKeyInfo> Keys(string text) => text.Select(c => new ConsoleKeyInfo(c, c switch { '\e' => ConsoleKey.Escape, '\r' or '\n' => ConsoleKey.Enter, '\t' => ConsoleKey.Tab, _ => ConsoleKey.None }, false, false, false));

    private static string? Read(IEnumerable<ConsoleKeyInfo> keys, TextWriter? screen = null) =>
        new LineEditor(new Queue<ConsoleKeyInfo>(keys).Dequeue, screen ?? TextWriter.Null, () => 20).Read("> ");

    private static IEnumerable<ConsoleKeyInfo> Typed(string text) => text.Select(c => new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));

    private static ConsoleKeyInfo Key(ConsoleKey key, char c = '\0') => new(c, key, false, false, false);

    private static ConsoleKeyInfo Control(ConsoleKey key) => new((char)(key - ConsoleKey.A + 1), key, false, false, control: true);
}
