using Reverie.Cli.Chat;
using Reverie.Models;

namespace Reverie.Cli.Tests;

public class ReplyWriterTests
{
    [Fact]
    public void Words_wrap_at_the_width_and_are_never_cut() =>
        Assert.Equal("Once upon a\ntime there was\na fox.\n", Write(14, false, new ChatPiece("Once upon a ti", false), new ChatPiece("me there was a fox.", false)));

    [Fact]
    public void Space_at_the_ends_is_left_out_and_paragraphs_stay() =>
        Assert.Equal("One.\n\nTwo.\n", Write(40, false, new ChatPiece("\n\n One.\n\n\n\nTwo. \n ", false)));

    [Fact]
    public void Thinking_is_dimmed_on_a_terminal() =>
        Assert.Equal("\e[2m7 + 5 = 12\e[22m\nIt is 12.\n", Write(40, true, new ChatPiece("\n7 + 5 = 12\n", true), new ChatPiece("\n\nIt is 12.", false)).Replace("\n\n", "\n"));

    [Fact]
    public void Thinking_stands_between_its_tags_elsewhere() =>
        Assert.StartsWith("<think>7 + 5 = 12</think>\n", Write(0, false, new ChatPiece("\n7 + 5 = 12\n", true), new ChatPiece("It is 12.", false)));

    [Fact]
    public void Control_characters_are_dropped() =>
        Assert.Equal("a[31mb\n", Write(40, true, new ChatPiece("a\e[31m\u0007b", false)));

    [Fact]
    public void An_empty_reply_is_an_empty_line() => Assert.Equal("\n", Write(40, false));

    private static string Write(int width, bool ansi, params ChatPiece[] pieces)
    {
        var text = new StringWriter { NewLine = "\n" };
        var writer = new ReplyWriter(text, width, ansi);
        foreach (ChatPiece piece in pieces) writer.Write(piece);
        writer.Finish();
        return text.ToString();
    }
}
