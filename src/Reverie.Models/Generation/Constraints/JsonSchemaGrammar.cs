using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Grammars of JSON: any, any object, or what a JSON schema allows (draft 2020-12 and what OpenAPI 3.0 and draft 7 write otherwise).
/// All is enforced or refused with the keyword's name and place; annotations such as <c>title</c> and <c>default</c> are passed over.
/// </summary>
/// <remarks>
/// A schema's grammar never allows what the schema forbids, and is narrower in these points: properties come in the order of the schema;
/// where <c>properties</c> are given, others come only if <c>additionalProperties</c> asks for them; white space is one space at most, after a
/// colon or a comma; whole numbers have no point or exponent and at most 18 digits where no bound has more; other numbers have at most 18
/// digits on each side of the point and, where no bound is given, an exponent of at most two; keys and strings of a pattern or format escape
/// only what must be; addresses and the like have the usual forms only. <c>oneOf</c> counts as <c>anyOf</c>. Lengths count characters (code points).
/// </remarks>
public static class JsonSchemaGrammar
{
    /// <summary>Any JSON.</summary>
    public static Grammar Any { get; } = Make(rules => new JsonRules(rules).Value);

    /// <summary>Any JSON object: OpenAI's <c>json_object</c>.</summary>
    public static Grammar AnyObject { get; } = Make(rules => new JsonRules(rules).Object);

    /// <summary>The texts that a schema allows.</summary>
    /// <param name="schema">An object, true or false.</param>
    /// <exception cref="ReverieException">It has a keyword that is not enforced here, contradicts itself, refers to what is not there, or is too large; the message names the place.</exception>
    public static Grammar From(JsonElement schema) => Make(rules => new JsonSchemaCompiler(new JsonRules(rules), schema, "#").Compile());

    /// <summary>As <see cref="From(JsonElement)"/>, from text.</summary>
    /// <exception cref="ReverieException">As there, or the text is not JSON.</exception>
    public static Grammar From(string schema)
    {
        if (schema.Length > Grammar.MaximumTextLength) throw new ReverieException($"The JSON schema has {schema.Length} characters; at most {Grammar.MaximumTextLength} are read. Make it smaller.");
        try
        {
            using var document = JsonDocument.Parse(schema);
            return From(document.RootElement);
        }
        catch (JsonException fault)
        {
            throw new ReverieException(SchemaPlace.OneLine($"The JSON schema is not JSON: {fault.Message} Correct it there."), fault);
        }
    }

    private static Grammar Make(Func<GrammarRules, GrammarNode> root)
    {
        var rules = new GrammarRules();
        int start = rules.Add("root");
        rules[start] = root(rules);
        return new Grammar(rules, start);
    }
}
