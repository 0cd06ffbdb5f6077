using CsCheck;

namespace Reverie.Models.Tests.Generation;

public sealed class StopStringScannerTests
{
    private static readonly Gen<string> _text = Gen.String[Gen.Char["ab<"], 0, 30];

    [Fact]
    public void The_cut_does_not_depend_on_how_the_text_comes() =>
        Gen.Select(_text, Gen.String[Gen.Char["ab<"], 1, 5].Array[1, 3], Gen.Int[1, 4].Array[30]).Sample((text, stops, lengths) =>
        {
            // By the definition: the first position at which some stop text ends, and of those that end there the longest.
            string expected = text;
            for (int end = 1; end <= text.Length && expected.Length == text.Length; end++)
                foreach (string stop in stops.OrderBy(s => s.Length))
                    if (text[..end].EndsWith(stop, StringComparison.Ordinal)) expected = text[..(end - stop.Length)];

            var scanner = new StopStringScanner(stops);
            string said = "";
            int at = 0;
            foreach (int length in lengths)
            {
                if (at == text.Length || scanner.Found is not null) break;
                int next = Math.Min(length, text.Length - at);
                said += scanner.Append(text.Substring(at, next));
                Assert.StartsWith(said, expected, StringComparison.Ordinal);
                at += next;
            }

            if (scanner.Found is null && at < text.Length) said += scanner.Append(text[at..]);
            if (scanner.Found is null) said += scanner.Flush();
            Assert.Equal(expected, said);
        }, iter: 20_000);

    [Fact]
    public void Only_what_could_become_a_stop_text_is_held_back()
    {
        var scanner = new StopStringScanner(["\nUser:"]);
        Assert.Equal("Hello", scanner.Append("Hello\n"));
        Assert.Equal("\nUsual", scanner.Append("Usual"));
        Assert.Equal("", scanner.Append("\nUser"));
        Assert.Equal("", scanner.Append(": hi"));
        Assert.Equal("\nUser:", scanner.Found);
        Assert.Equal(" hi", scanner.Rest);
    }

    [Fact]
    public void Thinking_is_told_from_the_answer_wherever_the_text_is_cut()
    {
        const string Text = "<think>\nhm < th\n</think>\n\nYes <thin";
        for (int size = 1; size <= Text.Length; size++)
        {
            var splitter = new ThinkingSplitter();
            string thinking = "", answer = "";
            IEnumerable<ChatPiece> pieces = Text.Chunk(size).SelectMany(part => splitter.Append(new string(part)).ToArray()).ToArray();
            foreach (ChatPiece piece in pieces.Append(splitter.Flush()))
                _ = piece.IsThinking ? thinking += piece.Text : answer += piece.Text;
            Assert.Equal(("\nhm < th\n", "\n\nYes <thin"), (thinking, answer));
        }
    }
}
