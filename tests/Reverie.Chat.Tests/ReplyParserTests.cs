using System.Text;
using CsCheck;

namespace Reverie.Chat.Tests;

public class ReplyParserTests
{
    [Theory]
    [InlineData("Hello!", "Hello!", "")]
    [InlineData("  Hello! ", "  Hello! ", "")]
    [InlineData("<think>7+8=15</think>It is 15.", "It is 15.", "7+8=15")]
    [InlineData("<think>\n7+8=15\n\nso\n</think>\n\nIt is 15.\n", "It is 15.\n", "7+8=15\n\nso")]
    [InlineData("<think>never ends", "", "never ends")]
    [InlineData("a < b and <thin", "a < b and <thin", "")]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": \"}\"}}</tool_call>", "", "", "add {\"a\": 1, \"b\": \"}\"}")]
    [InlineData("Let me see.\n<tool_call>\n{\"name\":\"a\",\"arguments\":{}}\n</tool_call>\n<tool_call>{\"name\":\"b\",\"arguments\":{\"x\":[{}]}}</tool_call>", "Let me see.", "", "a {}", "b {\"x\":[{}]}")]
    [InlineData("<tool_call>{\"arguments\":{\"x\":1},\"name\":\"a\"}</tool_call>", "", "", "a {\"x\":1}")]
    [InlineData("<tool_call>{\"name\":\"a\",\"arguments\":\"{\\\"x\\\":1}\"}</tool_call>", "", "", "a {\"x\":1}")]
    [InlineData("<tool_call>{\"name\":\"a\"}</tool_call>", "", "", "a {}")]
    [InlineData("{\"name\":\"a\",\"parameters\":{\"x\":1}}", "", "", "a {\"x\":1}")]
    [InlineData("{\"colour\":\"red\"}", "{\"colour\":\"red\"}", "")]
    [InlineData("<tool_call>nonsense</tool_call>", "<tool_call>nonsense</tool_call>", "")]
    [InlineData("<tool_call>{\"name\":\"a\",\"arguments\":[1]}</tool_call>", "<tool_call>{\"name\":\"a\",\"arguments\":[1]}</tool_call>", "")]
    [InlineData("<tool_call>{\"name\": \"add\", \"arg", "<tool_call>{\"name\": \"add\", \"arg", "")]
    [InlineData("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1", "", "", "add {\"a\": 1")]
    public void Answer_reasoning_and_calls_are_told_apart_wherever_the_text_is_cut(string reply, string answer, string reasoning, params string[] calls)
    {
        for (int cut = 0; cut <= reply.Length; cut++) Assert.Equal((answer, reasoning, string.Join('|', calls)), Read(readsCalls: true, [reply[..cut], reply[cut..]]));
        Assert.Equal((answer, reasoning, string.Join('|', calls)), Read(readsCalls: true, reply.Select(c => c.ToString())));
    }

    [Fact]
    public void Without_tools_a_call_is_text() =>
        Assert.Equal(("<tool_call>{\"name\":\"a\"}</tool_call>", "", ""), Read(readsCalls: false, ["<tool_call>{\"name\":\"a\"}</tool_call>"]));

    [Fact]
    public void Random_replies_read_the_same_however_they_are_cut()
    {
        string[] parts = ["<think>", "</think>", "<tool_call>", "</tool_call>", "{\"name\":\"f\",\"arguments\":{\"a\":\"\\\"}\"}}", "x", " ", "\n", "<", "{", "}", "\"name\"", "<tool"];
        Gen.Select(Gen.Int[0, parts.Length - 1].Array[0, 12], Gen.Int[0, 1000].Array[0, 6]).Sample((chosen, cuts) =>
        {
            string reply = string.Concat(chosen.Select(c => parts[c]));
            int[] places = [0, .. cuts.Select(c => c % (reply.Length + 1)).Order(), reply.Length];
            (string, string, string) whole = Read(readsCalls: true, [reply]);
            Assert.Equal(whole, Read(readsCalls: true, places.Zip(places.Skip(1)).Select(p => reply[p.First..p.Second])));
        });
    }

    private static (string Answer, string Reasoning, string Calls) Read(bool readsCalls, IEnumerable<string> pieces)
    {
        var parser = new ReplyParser(readsCalls);
        StringBuilder answer = new(), reasoning = new();
        List<string> calls = [];
        foreach (ChatEvent part in pieces.SelectMany(parser.Append).Concat(parser.Finish()))
        {
            switch (part)
            {
                case ChatEvent.Text text:
                    answer.Append(text.Value);
                    break;
                case ChatEvent.Reasoning thought:
                    reasoning.Append(thought.Value);
                    break;
                case ChatEvent.ToolCall call:
                    Assert.Equal(calls.Count, call.Index);
                    calls.Add(call.Name + " ");
                    break;
                case ChatEvent.ToolArguments arguments:
                    calls[arguments.Index] += arguments.Json;
                    break;
            }
        }

        Assert.Equal(calls.Count, parser.Calls);
        return (answer.ToString(), reasoning.ToString(), string.Join('|', calls));
    }
}
