using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

public sealed class ToolGrammarTests
{
    private static readonly Tokenizer _tokenizer = SmallModels.Tokenizer;
    private static readonly (string Name, JsonElement Parameters)[] _tools =
    [
        ("add", Json("""{"type":"object","properties":{"a":{"type":"integer","minimum":0,"maximum":99},"b":{"enum":[1,2]}},"required":["a","b"]}""")),
        ("now", Json("{}")),
        ("say", default),
    ];

    private const string Call = """<tool_call>{"name": "add", "arguments": {"a":12, "b":2}}</tool_call>""";

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement;

    [Fact]
    public void Calls_are_framed_and_have_the_arguments_of_their_tool()
    {
        Grammar one = ToolGrammar.For(_tools, ToolUse.Required, parallel: false), many = ToolGrammar.For(_tools, ToolUse.Required, parallel: true);
        Grammar named = ToolGrammar.For(_tools, ToolUse.Named("add")), auto = ToolGrammar.For(_tools, ToolUse.Auto, parallel: false), thinking = ToolGrammar.For(_tools, ToolUse.Auto, allowsThinking: true);
        Assert.True(one.Matches(Call) && many.Matches(Call) && named.Matches(Call) && auto.Matches(Call) && thinking.Matches(Call));
        Assert.True(one.Matches("<tool_call>\n{\"name\":\"now\",\"arguments\":{\"x\":[1]}}\n</tool_call>"));
        Assert.False(one.Matches("<tool_call>{\"name\":\"now\",\"arguments\":[]}</tool_call>"));
        Assert.False(one.Matches("<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>"));
        Assert.False(one.Matches("") || one.Matches(Call + Call) || one.Matches("text" + Call));
        Assert.True(many.Matches($"{Call}\n{Call}{Call}"));
        Assert.False(named.Matches("<tool_call>{\"name\":\"now\",\"arguments\":{}}</tool_call>"));
        Assert.True(auto.Matches("") && auto.Matches("free text <tool_ca>") && auto.Matches($"first {Call}"));
        Assert.False(auto.Matches($"{Call}{Call}") || auto.Matches("a <tool_call> b") || auto.Matches("</tool_call>"));
        Assert.True(thinking.Matches($"<think>I <tool_call> or not</think>\n\nso {Call} and {Call}.") && !thinking.Matches("<think>endless"));
    }

    [Fact]
    public void Tools_that_make_no_sense_are_refused()
    {
        Assert.Contains("no tool", Assert.Throws<ReverieException>(() => ToolGrammar.For([], ToolUse.Auto)).Message, StringComparison.Ordinal);
        Assert.Contains("'add'", Assert.Throws<ReverieException>(() => ToolGrammar.For([_tools[0], _tools[0]], ToolUse.Auto)).Message, StringComparison.Ordinal);
        Assert.Contains("'x'", Assert.Throws<ReverieException>(() => ToolGrammar.For(_tools, ToolUse.Named("x"))).Message, StringComparison.Ordinal);
        Assert.Contains("bad#/not", Assert.Throws<ReverieException>(() => ToolGrammar.For([("bad", Json("""{"not":{}}"""))], ToolUse.Auto)).Message, StringComparison.Ordinal);
        Assert.Contains("no finite", Assert.Throws<ReverieException>(() => ToolGrammar.For([("bad", Json("""{"type":"string"}"""))], ToolUse.Required)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Tags_are_special_tokens_where_the_tokenizer_has_them_and_letters_where_not()
    {
        ITokenConstraint reply = new TokenGrammar(ToolGrammar.For(_tools, ToolUse.Required), _tokenizer).Begin();
        Assert.Equal([_tokenizer.Id("<tool_call>")!.Value], TokenGrammarTests.Allowed(reply, _tokenizer));
        Tokenizer plain = Reverie.Models.Tokenizer.Train(["the quick brown fox <tool_call>"], 300, new TokenizerTrainingOptions { SpecialTokens = [new SpecialToken(SpecialToken.EndOfText)] });
        reply = new TokenGrammar(ToolGrammar.For(_tools, ToolUse.Required), plain).Begin();
        Assert.All(TokenGrammarTests.Allowed(reply, plain), t => Assert.StartsWith("<", plain.Decode([t]), StringComparison.Ordinal));
        foreach (int token in plain.Encode(Call)) reply.Accept(token);
        Assert.True(reply.MayEnd);
    }

    [Fact]
    public void Free_text_allows_all_text_tokens_and_the_tag_and_nothing_after_it_but_a_call()
    {
        ITokenConstraint reply = new TokenGrammar(ToolGrammar.For(_tools, ToolUse.Auto), _tokenizer).Begin();
        int text = Enumerable.Range(0, _tokenizer.VocabularySize).Count(t => !_tokenizer.IsSpecial(t));
        Assert.Equal(text + 1, TokenGrammarTests.Allowed(reply, _tokenizer).Count);
        foreach (int token in _tokenizer.Encode("the fox <tool_call")) reply.Accept(token);
        Assert.True(reply.MayEnd);
        Assert.DoesNotContain(_tokenizer.Encode(">")[0], TokenGrammarTests.Allowed(reply, _tokenizer));
        reply.Accept(_tokenizer.Id("<tool_call>")!.Value);
        Assert.False(reply.MayEnd);
        Assert.All(TokenGrammarTests.Allowed(reply, _tokenizer), t => Assert.Contains(_tokenizer.Decode([t])[0], "{\n"));
    }

    [Fact]
    public void A_model_of_random_weights_writes_what_it_must()
    {
        using IKernels kernels = new CpuKernels(1);
        using Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: 400));
        using var generator = new Generator(transformer, _tokenizer, kernels);
        const string Schema = """{"type":"object","properties":{"name":{"type":"string","maxLength":6},"n":{"type":"integer","minimum":-5,"maximum":120},"when":{"format":"date","type":"string"},"list":{"type":"array","items":{"enum":["a","b",null]},"maxItems":3}},"required":["name","when"]}""";
        var schema = new TokenGrammar(JsonSchemaGrammar.From(Schema), _tokenizer);
        var tools = new TokenGrammar(ToolGrammar.For([_tools[0]], ToolUse.Required, parallel: false), _tokenizer);
        GenerationRequest[] requests =
        [
            .. Enumerable.Range(0, 40).Select(i => new GenerationRequest([1, 2, 3 + i], new SamplingOptions { Temperature = i % 5, Seed = (ulong)i, MaxTokens = 300 })
            {
                Constraint = (i % 2 == 0 ? schema : tools).Begin(),
            }),
        ];
        IReadOnlyList<Models.Generation> replies = generator.RunToEnd(requests);
        for (int i = 0; i < replies.Count; i++)
        {
            string text = replies[i].Text;
            Assert.NotEqual(StopReason.MaxTokens, replies[i].StopReason);
            if (i % 2 == 0)
            {
                JsonNode root = JsonNode.Parse(Schema)!;
                Assert.True(JsonValidator.IsValid(JsonNode.Parse(text), root, root), text);
                continue;
            }

            JsonNode call = JsonNode.Parse(text["<tool_call>".Length..^"</tool_call>".Length])!;
            Assert.Equal("add", call["name"]!.GetValue<string>());
            Assert.InRange(call["arguments"]!["a"]!.GetValue<int>(), 0, 99);
        }
    }
}
