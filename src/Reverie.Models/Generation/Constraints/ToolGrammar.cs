using System.Text.Json;
using Reverie.Tensors;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

/// <summary>
/// Grammars of replies that call tools as Qwen3 and our own models write them:
/// <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>, with or without line ends within the tags. The tags are the
/// special tokens, or their letters where the tokenizer has none. A call that has begun is one of a known tool, with arguments by its schema.
/// </summary>
public static class ToolGrammar
{
    private static readonly JsonElement _anyObject = JsonDocument.Parse("""{"type":"object"}""").RootElement;

    /// <summary>The replies that may call these tools.</summary>
    /// <param name="tools">Names and the JSON schemas of their arguments; an undefined schema is any object.</param>
    /// <param name="choice">Whether there must be calls, and of what.</param>
    /// <param name="parallel">Whether there may be several.</param>
    /// <param name="allowsThinking">
    /// Whether the reply may begin with <c>&lt;think&gt;...&lt;/think&gt;</c>. Not needed where the request has a <see cref="ThinkingBudget"/>: constraints
    /// do not see its reasoning.
    /// </param>
    /// <exception cref="ReverieException">There is no tool, or none of the chosen name, or two of one name, or a schema cannot be enforced: see <see cref="JsonSchemaGrammar"/>.</exception>
    public static Grammar For(IReadOnlyList<(string Name, JsonElement Parameters)> tools, ToolUse choice, bool parallel = true, bool allowsThinking = false)
    {
        if (tools.Count == 0) throw new ReverieException("There is no tool to call. Give the request some, or do not ask for calls.");
        if (tools.GroupBy(t => t.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ReverieException(SchemaPlace.OneLine($"Two tools are called '{twice.Key}'. Give each its own name."));
        (string Name, JsonElement Parameters)[] callable = [.. tools.Where(t => choice.Name is null || t.Name == choice.Name)];
        if (callable.Length == 0) throw new ReverieException(SchemaPlace.OneLine($"The tool '{choice.Name}' is to be called, but the request has {string.Join(", ", tools.Select(t => t.Name))}. Name one of them."));

        var rules = new GrammarRules();
        int root = rules.Add("root");
        var json = new JsonRules(rules);
        GrammarNode call = rules.Add("call", Concat(
            new Tag(SpecialToken.ToolCallStart), Optional(Literal("\n")),
            Literal("{\"name\""), JsonRules.Then(':'), Any([.. callable.Select(t => Call(json, t.Name, t.Parameters))]), Literal("}"),
            Optional(Literal("\n")), new Tag(SpecialToken.ToolCallEnd)));
        string[] tags = [SpecialToken.ToolCallStart, SpecialToken.ToolCallEnd], thinkTags = [SpecialToken.ThinkStart, SpecialToken.ThinkEnd];
        GrammarNode text = new TextWithout(allowsThinking ? [.. tags, .. thinkTags] : tags);
        GrammarNode reply = (choice.IsRequired, parallel) switch
        {
            (true, false) => call,
            (true, true) => Concat(call, new Repeat(Concat(Optional(Literal("\n")), call), 0, int.MaxValue)),
            (false, false) => Concat(text, Optional(call)),
            (false, true) => Concat(text, new Repeat(Concat(call, text), 0, int.MaxValue)),
        };
        GrammarNode thinking = Concat(
            new Tag(SpecialToken.ThinkStart), new TextWithout(thinkTags), new Tag(SpecialToken.ThinkEnd), new Repeat(Literal("\n"), 0, 2));
        rules[root] = allowsThinking ? Concat(Optional(thinking), reply) : reply;
        return new Grammar(rules, root);
    }

    private static GrammarNode Call(JsonRules json, string name, JsonElement parameters)
    {
        GrammarNode arguments = parameters.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null
            ? json.Object
            : new JsonSchemaCompiler(json, parameters, $"{name}#").Compile(_anyObject);
        return Concat(Literal(JsonRules.Spell(name)), JsonRules.Then(','), Literal("\"arguments\""), JsonRules.Then(':'), arguments);
    }
}
