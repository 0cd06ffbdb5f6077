using System.Text.Json;
using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>What the replies of a model may say, as requests have it: a grammar, a JSON schema, calls of tools.</summary>
/// <remarks>A constraint leaves no room for reasoning unless the request asks for reasoning, or tools may be called but need not.</remarks>
/// <param name="tokenizer">The model's.</param>
internal sealed class ReplyConstraints(Tokenizer tokenizer)
{
    private readonly TokenGrammars _grammars = new(tokenizer);

    /// <summary>The constraint of one reply; null for anything.</summary>
    /// <param name="options">The request.</param>
    /// <param name="tools">The tools that it may call.</param>
    /// <exception cref="ReverieException">A grammar or schema makes no sense, cannot be enforced, or contradicts another.</exception>
    public ITokenConstraint? Of(ChatOptions options, IReadOnlyList<AIFunctionDeclaration> tools)
    {
        string? grammar = (options as ReverieChatOptions)?.Grammar;
        var json = options.ResponseFormat as ChatResponseFormatJson;
        var required = options.ToolMode as RequiredChatToolMode;
        if (required is not null && tools.Count == 0) throw new ReverieException("A tool is to be called, but the request has no tools. Give it some.");
        if (grammar is not null && (json is not null || tools.Count > 0)) throw new ReverieException("A grammar says all that a reply may be, so it goes with neither a response format nor tools. Leave one of them out.");
        if (grammar is not null) return Begin($"grammar {grammar}", () => Grammar.Parse(grammar));
        ITokenConstraint? calls = tools.Count == 0 ? null
            : Calls(tools, required is null && json is null ? ToolUse.Auto : required?.RequiredFunctionName is { } name ? ToolUse.Named(name) : ToolUse.Required, options.AllowMultipleToolCalls ?? true);
        if (json is null || required is not null) return calls;
        ITokenConstraint answer = json.Schema is { } schema ? Begin($"schema {schema.GetRawText()}", () => JsonSchemaGrammar.From(schema)) : Begin("json", () => JsonSchemaGrammar.AnyObject);
        return calls is null ? answer : new EitherConstraint(calls, answer);
    }

    private ITokenConstraint Calls(IReadOnlyList<AIFunctionDeclaration> tools, ToolUse use, bool parallel)
    {
        string key = $"tools {use.IsRequired} {use.Name} {parallel} {string.Join('\n', tools.Select(t => $"{t.Name} {t.JsonSchema.GetRawText()}"))}";
        return Begin(key, () => ToolGrammar.For([.. tools.Select(t => (t.Name, Enforceable(t.JsonSchema)))], use, parallel, allowsThinking: !use.IsRequired));
    }

    /// <summary>A tool checks its own arguments: what its schema says and cannot be enforced here is left to it.</summary>
    private static JsonElement Enforceable(JsonElement schema)
    {
        try
        {
            JsonSchemaGrammar.From(schema);
            return schema;
        }
        catch (ReverieException)
        {
            return default;
        }
    }

    private ITokenConstraint Begin(string key, Func<Grammar> make) => _grammars.Get(key, make).Begin();
}
