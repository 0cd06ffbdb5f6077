using System.Numerics;
using System.Text;
using System.Text.Json;
using Reverie.Tensors;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

/// <summary>
/// Makes rules of a JSON schema. A place may be under several schemas at once (<c>allOf</c>, a reference with neighbours): they are one list,
/// and a list that was met before is the same rule, so recursion ends and what is shared is made once.
/// </summary>
/// <param name="json">What any JSON has in common; takes the rules.</param>
/// <param name="root">The schema.</param>
/// <param name="name">What paths in messages begin with.</param>
internal sealed partial class JsonSchemaCompiler(JsonRules json, JsonElement root, string name)
{
    /// <summary>So many ways may the combinations at one place multiply to.</summary>
    public const int MaximumAlternatives = 256;

    private readonly Dictionary<string, int> _known = [];
    private readonly Dictionary<string, SchemaPlace> _resolved = [];
    private readonly Queue<(int Rule, IReadOnlyList<SchemaPlace> Schemas)> _open = [];

    [Flags]
    private enum JsonTypes
    {
        None = 0,
        Null = 1,
        Boolean = 2,
        Number = 4,
        Integer = 8,
        String = 16,
        Array = 32,
        Object = 64,
        All = 127,
    }

    /// <summary>The whole schema.</summary>
    /// <param name="besides">Another schema that holds too; null for none.</param>
    /// <exception cref="ReverieException">It cannot be enforced.</exception>
    public GrammarNode Compile(JsonElement? besides = null)
    {
        try
        {
            SchemaPlace place = new(root, name);
            GrammarNode whole = besides is { } other ? Of(place, new SchemaPlace(other, $"{name} besides")) : Of(place);
            while (_open.TryDequeue(out (int Rule, IReadOnlyList<SchemaPlace> Schemas) next)) json.Rules[next.Rule] = Build(next.Schemas);
            return whole;
        }
        catch (InvalidOperationException fault)
        {
            throw new ReverieException("The JSON schema has half of a surrogate pair in a string. Escape both halves.", fault);
        }
    }

    /// <summary>What all of these allow. Only gives it a number: nothing here calls itself, however deep the schema is.</summary>
    private GrammarNode Of(params IReadOnlyList<SchemaPlace> schemas)
    {
        var places = new SortedDictionary<string, SchemaPlace>(StringComparer.Ordinal);
        foreach (SchemaPlace schema in schemas)
        {
            SchemaPlace place = FollowSingleReference(schema);
            if (place.Schema.ValueKind == JsonValueKind.False) return Never;
            if (place.Schema.ValueKind is not (JsonValueKind.True or JsonValueKind.Object)) throw new ReverieException(SchemaPlace.OneLine($"The JSON schema cannot be read: {place.Path} must be an object, true or false."));
            if (place.Schema.ValueKind == JsonValueKind.Object && !IsAnything(place)) places[place.IsExpanded ? $"{place.Path} " : place.Path] = place;
        }

        if (places.Count == 0) return json.Value;
        string key = string.Join('\n', places.Keys);
        if (!_known.TryGetValue(key, out int rule))
        {
            rule = json.Rules.Add(places.Values.First().Path);
            _known[key] = rule;
            _open.Enqueue((rule, [.. places.Values]));
        }

        return new Reference(rule);
    }

    private static bool IsAnything(SchemaPlace place) => place.Schema.EnumerateObject().All(p => SchemaKeywords.IsAnnotation(p.Name));

    private SchemaPlace FollowSingleReference(SchemaPlace place)
    {
        HashSet<string> seen = [];
        while (!place.IsExpanded && place.Get("$ref") is not null && place.Schema.EnumerateObject().All(p => p.Name == "$ref" || SchemaKeywords.IsAnnotation(p.Name)))
        {
            if (!seen.Add(place.Path)) throw place.Fault("$ref", "refers to itself and says nothing else. Give it a type.");
            place = Resolve(place);
        }

        return place;
    }

    private SchemaPlace Resolve(SchemaPlace place)
    {
        if (place.Get("$ref") is not { ValueKind: JsonValueKind.String } reference) throw place.Fault("$ref", "must be a text.");
        string text = reference.GetString()!;
        if (_resolved.TryGetValue(text, out SchemaPlace known)) return known;
        if (text.Length == 0 || text[0] != '#') throw place.Fault("$ref", "refers to another document. Put what it means under $defs and refer to #/$defs/...");
        if (text.Length > 1 && text[1] != '/') throw place.Fault("$ref", "refers to an anchor. Refer to a place, as #/$defs/...");
        var found = new SchemaPlace(root, name);
        foreach (string part in text.Split('/').Skip(1))
        {
            string step = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (found.Schema.ValueKind == JsonValueKind.Object && found.Schema.TryGetProperty(step, out _)) found = found.Child(step);
            else if (found.Schema.ValueKind == JsonValueKind.Array && int.TryParse(step, out int index) && index >= 0 && index < found.Schema.GetArrayLength()) found = new SchemaPlace(found.Schema[index], $"{found.Path}/{index}");
            else throw place.Fault("$ref", $"refers to {text}, which is not there. Correct the reference or add the definition.");
        }

        return _resolved[text] = found;
    }

    private GrammarNode Build(IReadOnlyList<SchemaPlace> schemas)
    {
        // The usual choice, of schemas that stand alone, needs no multiplying out.
        if (schemas is [{ IsExpanded: false } single] && ChoiceOf(single) is { } keyword && single.Schema.EnumerateObject().All(p => p.Name == keyword || SchemaKeywords.IsAnnotation(p.Name)))
            return Any([.. Enumerable.Range(0, single.Schema.GetProperty(keyword).GetArrayLength()).Select(i => Of(single.Child(keyword, i)))]);
        if (schemas.All(s => s.IsExpanded)) return BuildPlain(schemas);
        List<IReadOnlyList<SchemaPlace>> alternatives = Expand(schemas);
        return alternatives.Count == 1 ? BuildPlain(alternatives[0]) : Any([.. alternatives.Select(a => Of(a))]);
    }

    private static string? ChoiceOf(SchemaPlace place) =>
        place.Get("anyOf") is { ValueKind: JsonValueKind.Array } ? "anyOf" : place.Get("oneOf") is { ValueKind: JsonValueKind.Array } ? "oneOf" : null;

    /// <summary>Multiplies out references and combinations: lists of schemas of which only their own keywords count.</summary>
    private List<IReadOnlyList<SchemaPlace>> Expand(IReadOnlyList<SchemaPlace> schemas)
    {
        List<IReadOnlyList<SchemaPlace>> done = [];
        var open = new Stack<(SchemaPlace[] Left, SchemaPlace[] Plain)>();
        open.Push(([.. schemas], []));
        while (open.TryPop(out (SchemaPlace[] Left, SchemaPlace[] Plain) way))
        {
            if (way.Left.Length == 0)
            {
                done.Add(way.Plain);
            }
            else
            {
                SchemaPlace place = way.Left[0];
                SchemaPlace[] left = way.Left[1..];
                if (place.Schema.ValueKind == JsonValueKind.False) continue;
                if (way.Plain.Any(p => p.Path == place.Path) || place.Schema.ValueKind == JsonValueKind.True)
                {
                    open.Push((left, way.Plain));
                    continue;
                }

                if (place.Schema.ValueKind != JsonValueKind.Object) throw new ReverieException(SchemaPlace.OneLine($"The JSON schema cannot be read: {place.Path} must be an object, true or false."));
                SchemaPlace[] plain = [.. way.Plain, place with { IsExpanded = true }];
                if (!place.IsExpanded && place.Get("$ref") is not null) left = [.. left, Resolve(place)];
                if (!place.IsExpanded && place.Get("allOf") is not null) left = [.. left, .. Enumerable.Range(0, ListLength(place, "allOf")).Select(i => place.Child("allOf", i))];
                List<SchemaPlace[]> ways = [left];
                foreach (string keyword in place.IsExpanded ? [] : new[] { "anyOf", "oneOf" })
                {
                    if (place.Get(keyword) is null) continue;
                    int count = ListLength(place, keyword);
                    ways = [.. ways.SelectMany(w => Enumerable.Range(0, count).Select(i => (SchemaPlace[])[.. w, place.Child(keyword, i)]))];
                }

                // Backwards, so that the first alternative comes first.
                for (int i = ways.Count - 1; i >= 0; i--) open.Push((ways[i], plain));
            }

            if (done.Count + open.Count > MaximumAlternatives)
                throw new ReverieException(SchemaPlace.OneLine($"The JSON schema cannot be enforced: the combinations at {schemas[0].Path} multiply to more than {MaximumAlternatives} ways. Write the alternatives out where they differ."));
        }

        return done;
    }

    private static int ListLength(SchemaPlace place, string keyword) =>
        place.Get(keyword) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0 ? list.GetArrayLength() : throw place.Fault(keyword, "must be a list of schemas that is not empty.");

    private GrammarNode BuildPlain(IReadOnlyList<SchemaPlace> schemas)
    {
        JsonTypes types = JsonTypes.All;
        foreach (SchemaPlace schema in schemas)
        {
            SchemaKeywords.Check(schema);
            types &= TypesOf(schema);
        }

        if (schemas.Any(s => s.Get("enum") is not null || s.Get("const") is not null)) return BuildValues(schemas, types);
        var ways = new List<GrammarNode>();
        if (types.HasFlag(JsonTypes.Object)) ways.Add(BuildObject(schemas));
        if (types.HasFlag(JsonTypes.Array)) ways.Add(BuildArray(schemas));
        if (types.HasFlag(JsonTypes.String)) ways.Add(BuildText(schemas));
        if (types.HasFlag(JsonTypes.Number)) ways.Add(BuildNumber(schemas, isWhole: false));
        else if (types.HasFlag(JsonTypes.Integer)) ways.Add(BuildNumber(schemas, isWhole: true));
        if (types.HasFlag(JsonTypes.Boolean)) ways.Add(json.Boolean);
        if (types.HasFlag(JsonTypes.Null)) ways.Add(json.Null);
        return Any([.. ways]);
    }

    private static JsonTypes TypesOf(SchemaPlace place)
    {
        if (place.Get("type") is not { } type) return JsonTypes.All;
        JsonTypes types = JsonTypes.None;
        foreach (JsonElement one in type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : new[] { type })
        {
            types |= (one.ValueKind == JsonValueKind.String ? one.GetString() : null) switch
            {
                "null" => JsonTypes.Null,
                "boolean" => JsonTypes.Boolean,
                "number" => JsonTypes.Number | JsonTypes.Integer,
                "integer" => JsonTypes.Integer,
                "string" => JsonTypes.String,
                "array" => JsonTypes.Array,
                "object" => JsonTypes.Object,
                _ => throw place.Fault("type", "must be null, boolean, number, integer, string, array or object, or a list of them."),
            };
        }

        return place.Get("nullable") is { ValueKind: JsonValueKind.True } ? types | JsonTypes.Null : types;
    }

    /// <summary>The values of <c>enum</c> and <c>const</c> that all else allows.</summary>
    private static GrammarNode BuildValues(IReadOnlyList<SchemaPlace> schemas, JsonTypes types)
    {
        List<JsonElement>? values = null;
        foreach (SchemaPlace schema in schemas)
        {
            if (schema.Get("enum") is { } list)
            {
                if (list.ValueKind != JsonValueKind.Array) throw schema.Fault("enum", "must be a list of values.");
                Keep(list.EnumerateArray());
            }

            if (schema.Get("const") is { } single) Keep([single]);
        }

        foreach (SchemaPlace schema in schemas)
            values = [.. values!.Where(v => Fits(v, types) && SchemaKeywords.Allows(schema, v))];
        return values!.Count == 0 ? Never : new Literals([.. values.Select(v => Encoding.UTF8.GetBytes(JsonRules.Spell(v)))]);

        // Each of them is compared with each: so few lists of many values as there are can be.
        void Keep(IEnumerable<JsonElement> others)
        {
            if (values is null)
            {
                values = [.. others];
                return;
            }

            HashSet<string> spelled = [.. others.Select(JsonRules.Spell)];
            values = [.. values.Where(v => spelled.Contains(JsonRules.Spell(v)))];
        }
    }

    private static bool Fits(JsonElement value, JsonTypes types) => value.ValueKind switch
    {
        JsonValueKind.Null => types.HasFlag(JsonTypes.Null),
        JsonValueKind.True or JsonValueKind.False => types.HasFlag(JsonTypes.Boolean),
        JsonValueKind.String => types.HasFlag(JsonTypes.String),
        JsonValueKind.Array => types.HasFlag(JsonTypes.Array),
        JsonValueKind.Object => types.HasFlag(JsonTypes.Object),
        _ => types.HasFlag(JsonTypes.Number) || (types.HasFlag(JsonTypes.Integer) && value.TryGetDecimal(out decimal number) && number == decimal.Truncate(number)),
    };

    private GrammarNode BuildNumber(IReadOnlyList<SchemaPlace> schemas, bool isWhole)
    {
        NumberBound? low = null, high = null;
        foreach (SchemaPlace schema in schemas)
        {
            (NumberBound? least, NumberBound? most) = SchemaKeywords.Bounds(schema);
            if (least is { } l && (low is null || l.Value > low.Value.Value || (l.Value == low.Value.Value && l.IsExclusive))) low = l;
            if (most is { } m && (high is null || m.Value < high.Value.Value || (m.Value == high.Value.Value && m.IsExclusive))) high = m;
        }

        if (low is null && high is null) return isWhole ? json.Integer : json.Number;
        if (!isWhole) return new JsonNumbers(json).Decimals(low, high);
        BigInteger? first = low is { } a ? new BigInteger(decimal.Ceiling(a.Value)) + (a.IsExclusive && a.IsWhole ? 1 : 0) : null;
        BigInteger? last = high is { } b ? new BigInteger(decimal.Floor(b.Value)) - (b.IsExclusive && b.IsWhole ? 1 : 0) : null;
        return JsonNumbers.Integers(first, last);
    }
}
