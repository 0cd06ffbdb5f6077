using System.Text.Json;
using static Reverie.Models.GrammarNode;

namespace Reverie.Models;

// Objects, arrays and strings.
internal sealed partial class JsonSchemaCompiler
{
    private GrammarNode BuildObject(IReadOnlyList<SchemaPlace> schemas)
    {
        List<string> names = [];
        HashSet<string> known = [], required = [];
        int minimum = 0, maximum = int.MaxValue;
        bool isClosed = false, isOpen = false;
        foreach (SchemaPlace schema in schemas)
        {
            if (schema.Get("properties") is { } properties)
            {
                if (properties.ValueKind != JsonValueKind.Object) throw schema.Fault("properties", "must be an object of schemas.");
                foreach (JsonProperty property in properties.EnumerateObject())
                    if (known.Add(property.Name)) names.Add(property.Name);
                isClosed |= schema.Get("additionalProperties") is null;
            }

            isOpen |= schema.Get("additionalProperties") is not null and not { ValueKind: JsonValueKind.False };
            minimum = Math.Max(minimum, schema.Count("minProperties") ?? 0);
            maximum = Math.Min(maximum, schema.Count("maxProperties") ?? int.MaxValue);
        }

        foreach (SchemaPlace schema in schemas)
        {
            if (schema.Get("required") is not { } list) continue;
            if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(n => n.ValueKind != JsonValueKind.String)) throw schema.Fault("required", "must be a list of names.");
            foreach (JsonElement one in list.EnumerateArray())
            {
                required.Add(one.GetString()!);
                if (known.Add(one.GetString()!)) names.Add(one.GetString()!);
            }
        }

        // Every schema has a say about every name: its own property, or what it says of others.
        var members = names.Select(n => (n, Of([.. schemas.SelectMany(s => Saying(s, n))]), required.Contains(n))).ToArray();
        bool hasOthers = (!isClosed || isOpen) && !schemas.Any(s => s.Get("additionalProperties") is { ValueKind: JsonValueKind.False });
        (int fewest, int most) = (minimum, maximum);
        if (members.Length > 0)
        {
            // Counting is for what has no names: with names, only bounds that hold of themselves.
            string? counted = minimum > required.Count ? "minProperties" : maximum < members.Length || (hasOthers && maximum < int.MaxValue) ? "maxProperties" : null;
            if (counted is not null) throw schemas.First(s => s.Get(counted) is not null).Fault(counted, "is not enforced where properties have names. Make them required, or leave it out.");
            (fewest, most) = (0, int.MaxValue);
        }
        else if (minimum > maximum || (minimum > 0 && !hasOthers))
        {
            return Never;
        }

        return hasOthers
            ? json.ObjectOf(members, (json.KeyExcept(names), Of([.. schemas.Where(s => s.Get("additionalProperties") is not null).Select(s => s.Child("additionalProperties"))])), fewest, most)
            : json.ObjectOf(members, null, 0, 0);

        static IEnumerable<SchemaPlace> Saying(SchemaPlace schema, string property)
        {
            if (schema.Get("properties") is { } properties && properties.TryGetProperty(property, out _)) return [schema.Child("properties", property)];
            return schema.Get("additionalProperties") is null ? [] : [schema.Child("additionalProperties")];
        }
    }

    private GrammarNode BuildArray(IReadOnlyList<SchemaPlace> schemas)
    {
        int minimum = 0, maximum = int.MaxValue, named = 0;
        foreach (SchemaPlace schema in schemas)
        {
            minimum = Math.Max(minimum, schema.Count("minItems") ?? 0);
            maximum = Math.Min(maximum, schema.Count("maxItems") ?? int.MaxValue);
            if (First(schema) is { } list) named = Math.Max(named, ListLength(schema, list));
            if (schema.Get("additionalItems") is not null && First(schema) != "items") throw schema.Fault("additionalItems", "has a meaning only where items is a list. Leave it out.");
        }

        GrammarNode[] first = [.. Enumerable.Range(0, named).Select(i => Of([.. schemas.SelectMany(s => Saying(s, i))]))];
        GrammarNode rest = Of([.. schemas.SelectMany(s => Saying(s, int.MaxValue))]);
        return json.ArrayOf(first, rest == Never ? null : rest, minimum, maximum);

        // The keyword that has a schema for each of the first elements: draft 7 has none of its own.
        static string? First(SchemaPlace schema) => schema.Get("prefixItems") is not null ? "prefixItems" : schema.Get("items") is { ValueKind: JsonValueKind.Array } ? "items" : null;

        static IEnumerable<SchemaPlace> Saying(SchemaPlace schema, int index)
        {
            string? list = First(schema);
            if (list is not null && index < schema.Get(list)!.Value.GetArrayLength()) return [schema.Child(list, index)];
            string rest = list == "items" ? "additionalItems" : "items";
            return schema.Get(rest) is null ? [] : [schema.Child(rest)];
        }
    }

    private GrammarNode BuildText(IReadOnlyList<SchemaPlace> schemas)
    {
        int minimum = 0, maximum = int.MaxValue;
        HashSet<string> patterns = [];
        SchemaPlace? where = null;
        string from = "pattern";
        foreach (SchemaPlace schema in schemas)
        {
            minimum = Math.Max(minimum, schema.Count("minLength") ?? 0);
            maximum = Math.Min(maximum, schema.Count("maxLength") ?? int.MaxValue);
            foreach (string keyword in new[] { "pattern", "format" })
            {
                if (schema.Get(keyword) is not { } value) continue;
                if (value.ValueKind != JsonValueKind.String) throw schema.Fault(keyword, "must be a text.");
                string? pattern = keyword == "pattern" ? value.GetString()! : JsonFormats.Pattern(schema, value.GetString()!);
                if (pattern is not null && patterns.Add(pattern)) (where, from) = (schema, keyword);
            }
        }

        if (where is not { } place)
            return minimum > maximum ? Never : minimum == 0 && maximum == int.MaxValue ? json.Text : Concat(Literal("\""), new Repeat(JsonRules.Character, minimum, maximum), Literal("\""));
        if (patterns.Count > 1) throw place.Fault(from, "stands beside another pattern or format. Join them into one pattern.");
        JsonPattern parsed = JsonPattern.Parse(patterns.Single(), what => place.Fault(from, what));
        if (parsed.Shortest < minimum) throw place.Fault("minLength", "stands beside a pattern that allows shorter texts. Write the length into the pattern, as {2,5}.");
        if (parsed.Longest > maximum) throw place.Fault("maxLength", "stands beside a pattern that allows longer texts. Write the length into the pattern, as {2,5}, with ^ and $.");
        return json.Rules.Add(place.Path, Concat(Literal("\""), parsed.Node, Literal("\"")));
    }
}
