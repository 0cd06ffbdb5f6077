using System.Text.Json.Nodes;
using CsCheck;

namespace Reverie.Worlds.Tests.Traces;

public sealed class ToolCallTests
{
    [Fact]
    public void What_is_written_is_read_back() => Gen.Select(Gen.String, Gen.String, Gen.Int).Sample(
        (name, text, number) =>
        {
            if (Broken(name) || Broken(text)) return;
            string turn = ToolCall.Write(name, ("text", text), ("number", number), ("quoted", $"{number}"));
            ToolCall? call = ToolCall.Parse("First I look. " + turn, out string? error);
            Assert.Null(error);
            Assert.Equal((name, text, number, number), (call!.Name, call.Text("text"), call.Number("number"), call.Number("quoted")));
            Assert.Equal(turn, call.ToString());
        },
        iter: 1_000);

    [Theory]
    [InlineData("Hello!", null)]
    [InlineData("", null)]
    [InlineData("<think><tool_call>{\"name\":\"done\"}</tool_call></think>Hello!", null)]
    [InlineData("<tool_call>{\"name\":\"done\"}", "the call has no end")]
    [InlineData("<tool_call>{\"name\":\"done\"}</tool_call><tool_call>{\"name\":\"done\"}</tool_call>", "one call at a time")]
    [InlineData("<tool_call>{\"name\":</tool_call>", "the call is not JSON")]
    [InlineData("<tool_call>{\"name\":\"a\",\"name\":\"b\"}</tool_call>", "the call is not JSON")]
    [InlineData("<tool_call>{\"name\":\"a\",\"arguments\":{\"a\":1,\"a\":2}}</tool_call>", "the call is not JSON")]
    [InlineData("<tool_call>[]</tool_call>", "the call needs a name and arguments")]
    [InlineData("<tool_call>{\"name\":7}</tool_call>", "the call needs a name and arguments")]
    [InlineData("<tool_call>{\"name\":\"a\",\"arguments\":[1]}</tool_call>", "the call needs a name and arguments")]
    [InlineData("<tool_call></tool_call>", "the call is not JSON")]
    public void A_turn_without_a_whole_call_says_why(string turn, string? expected)
    {
        Assert.Null(ToolCall.Parse(turn, out string? error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Arguments_may_be_left_out() => Assert.Empty(ToolCall.Parse("<tool_call>{\"name\":\"done\"}</tool_call>", out _)!.Arguments);

    [Fact]
    public void Arguments_of_another_kind_are_missing()
    {
        ToolCall call = ToolCall.Parse("""<tool_call>{"name":"a","arguments":{"n":1.5,"t":true,"o":{},"x":null,"big":99999999999}}</tool_call>""", out _)!;
        Assert.All(new[] { "n", "t", "o", "x", "big", "none" }, name => Assert.Null(call.Number(name)));
        Assert.All(new[] { "n", "t", "o", "x", "big", "none" }, name => Assert.Null(call.Text(name)));
    }

    [Fact]
    public void Any_turn_is_parsed_without_an_exception() => Gen.OneOf(
        Gen.String, Gen.Int[0, 9].Array[0, 12].Select(parts => string.Concat(parts.Select(p => Parts[p])))).Sample(turn =>
        {
            ToolCall? call = ToolCall.Parse(turn, out string? error);
            Assert.False(call is not null && error is not null);
            _ = call?.Text("a");
            _ = call?.Number("a");
            _ = call?.ToString();
        }, iter: 5_000);

    private static readonly string[] Parts = ["<tool_call>", "</tool_call>", "{\"name\":", "\"a\"", ",\"arguments\":{\"a\":", "1", "}", "<think>", "</think>", "{\"a\":\"b\",\"a\":2}"];

    // Half a surrogate pair has no JSON, and a written tag ends the call.
    private static bool Broken(string text) => text.Contains("tool_call>", StringComparison.Ordinal) || text.Contains("think>", StringComparison.Ordinal) || JsonValue.Create(text).ToJsonString() is var json && JsonNode.Parse(json)!.GetValue<string>() != text;
}
