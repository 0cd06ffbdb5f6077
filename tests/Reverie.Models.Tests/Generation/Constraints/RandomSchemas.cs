using System.Text.Json.Nodes;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

/// <summary>Draws schemas, and values that a schema allows.</summary>
internal sealed class RandomSchemas(RandomStream random)
{
    private static readonly string[] _names = ["a", "ab", "b", "name", "x y", "q\"", "ä", "name2"];
    private static readonly (string Pattern, string Example)[] _patterns = [("^[a-c]{2,3}$", "abc"), ("^(x|yz)+$", "xyzx"), ("b.d", "abcde"), ("^\\d{3}-\\w*$", "123-a_1"), ("^[^\"a-y]?$", "z"), ("^a|b$", "cb")];
    private static readonly (string Format, string Example)[] _formats =
    [
        ("date", "2024-02-29"), ("time", "12:00:01Z"), ("date-time", "1999-12-31T23:59:59.5+01:00"), ("uuid", "01234567-89ab-cdef-0123-456789abcdef"), ("email", "a.b@c.de"),
        ("ipv4", "192.168.0.255"), ("ipv6", "fe80::1"), ("hostname", "a-b.example"), ("uri", "https://a.b/c?d=e#f"), ("duration", "P1Y2M3DT4H"),
    ];

    /// <summary>A schema; its value is finite at once where <paramref name="depth"/> is 0.</summary>
    public JsonNode Schema(int depth, bool hasDefinitions = false)
    {
        int kind = random.Next(depth > 0 ? 15 : 9);
        switch (kind)
        {
            case 0: return new JsonObject { ["type"] = "boolean", ["description"] = "yes or no" };
            case 1: return new JsonObject { ["type"] = new JsonArray("null", random.Next(2) == 0 ? "string" : "integer"), ["maxLength"] = random.Next(5) };
            case 2: return new JsonObject { ["enum"] = new JsonArray(random.Next(100), "red", "reddish", null, new JsonArray("ü"), true) };
            case 3: return new JsonObject { ["const"] = random.Next(2) == 0 ? "a\n\u0001\"" : -1.5m };
            case 4: return Number("integer", random.Next(-1200, 1200), random.Next(1500));
            case 5: return Number("number", random.Next(-120_000, 120_000) / (decimal)random.Pick([1, 10, 100, 1000]), random.Next(50_000) / 100m);
            case 6:
                int least = random.Next(4);
                return new JsonObject { ["type"] = "string", ["minLength"] = least, ["maxLength"] = least + random.Next(30) };
            case 7: return new JsonObject { ["type"] = "string", ["pattern"] = random.Pick(_patterns).Pattern };
            case 8: return new JsonObject { ["type"] = "string", ["format"] = random.Pick(_formats).Format };
            case 9 or 10 or 11: return Object(depth);
            case 12: return Array(depth);
            case 13: return new JsonObject { [random.Next(2) == 0 ? "anyOf" : "oneOf"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Schema(depth - 1))]) };
            default:
                JsonObject both = Object(depth);
                return hasDefinitions ? new JsonObject { ["$ref"] = "#/$defs/node" } : new JsonObject { ["allOf"] = new JsonArray(both, new JsonObject { ["type"] = "object", ["required"] = new JsonArray("name") }) };
        }
    }

    /// <summary>A schema with a recursive definition beside it.</summary>
    public JsonObject Recursive(int depth)
    {
        JsonNode inner = Schema(depth, hasDefinitions: true);
        JsonObject schema = inner as JsonObject ?? [];
        schema["$defs"] = new JsonObject
        {
            ["node"] = new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject { ["value"] = Schema(0), ["next"] = new JsonObject { ["$ref"] = "#/$defs/node" }, ["all"] = new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["$ref"] = "#/$defs/node" } } },
                ["required"] = new JsonArray("value"),
            },
        };
        return schema;
    }

    private JsonObject Number(string type, decimal low, decimal range)
    {
        var schema = new JsonObject { ["type"] = type };
        if (random.Next(3) > 0) schema[random.Next(3) == 0 ? "exclusiveMinimum" : "minimum"] = low;
        if (random.Next(3) > 0) schema[random.Next(3) == 0 ? "exclusiveMaximum" : "maximum"] = low + range + 2;
        return schema;
    }

    private JsonObject Object(int depth)
    {
        string[] names = [.. _names.Where(_ => random.Next(2) == 0)];
        var schema = new JsonObject { ["type"] = "object", ["properties"] = new JsonObject(names.Select(n => KeyValuePair.Create(n, (JsonNode?)Schema(depth - 1)))) };
        schema["required"] = new JsonArray([.. names.Where(_ => random.Next(2) == 0).Select(n => (JsonNode)n)]);
        if (random.Next(3) == 0) schema["additionalProperties"] = random.Next(2) == 0 ? Schema(0) : false;
        return schema;
    }

    private JsonObject Array(int depth)
    {
        int least = random.Next(3);
        var schema = new JsonObject { ["type"] = "array", ["items"] = Schema(depth - 1), ["minItems"] = least, ["maxItems"] = least + random.Next(4) };
        if (random.Next(3) == 0) schema["prefixItems"] = new JsonArray([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Schema(0))]);
        return schema;
    }

    /// <summary>Tries to draw a value; the validator tells whether it is one.</summary>
    public JsonNode? Value(JsonNode schema, JsonNode root, int depth = 0)
    {
        if (schema is not JsonObject rules) return random.Next(10);
        if (rules["$ref"] is not null) return Value(root["$defs"]!["node"]!, root, depth + 1);
        if (rules["const"] is { } single) return single.DeepClone();
        if (rules["enum"] is JsonArray list) return random.Pick<JsonNode?>([.. list])?.DeepClone();
        if ((rules["anyOf"] ?? rules["oneOf"]) is JsonArray ways) return Value(random.Pick<JsonNode?>([.. ways])!, root, depth);
        if (rules["allOf"] is JsonArray all) return Value(all[0]!, root, depth);
        string type = rules["type"] is JsonArray types ? random.Pick<JsonNode?>([.. types])!.GetValue<string>() : rules["type"]!.GetValue<string>();
        switch (type)
        {
            case "null": return null;
            case "boolean": return random.Next(2) == 0;
            case "integer" or "number":
                decimal low = (rules["minimum"] ?? rules["exclusiveMinimum"])?.GetValue<decimal>() ?? -1000, high = (rules["maximum"] ?? rules["exclusiveMaximum"])?.GetValue<decimal>() ?? low + 1000;
                decimal drawn = low + ((high - low) * random.Next(1001) / 1000m);
                return type == "integer" ? (long)Math.Round(drawn) : drawn / 1.000000m;
            case "string":
                if (rules["pattern"]?.GetValue<string>() is { } pattern) return _patterns.First(p => p.Pattern == pattern).Example;
                if (rules["format"]?.GetValue<string>() is { } format) return _formats.First(f => f.Format == format).Example;
                int most = rules["maxLength"]!.GetValue<int>(), least = rules["minLength"]?.GetValue<int>() ?? 0;
                return string.Concat(Enumerable.Range(0, random.Next(least, most + 1)).Select(_ => random.Pick(["a", "z", "\"", "\\", "\n", "\u0002", "é", "漢", "😀", " ", "/", "\u007f", "\u2028"])));
            case "array":
                var array = new JsonArray();
                int count = (rules["minItems"]?.GetValue<int>() ?? 0) + (depth > 3 ? 0 : random.Next(3));
                for (int i = 0; i < count; i++) array.Add(Value(rules["prefixItems"] is JsonArray first && i < first.Count ? first[i]! : rules["items"]!, root, depth + 1));
                return array;
            default:
                var value = new JsonObject();
                foreach ((string name, JsonNode? property) in rules["properties"]!.AsObject())
                    if (rules["required"]?.AsArray().Any(n => n!.GetValue<string>() == name) == true || (depth < 4 && random.Next(2) == 0)) value[name] = Value(property!, root, depth + 1);
                if (rules["additionalProperties"] is JsonObject other)
                    for (int i = random.Next(3); i > 0; i--) value[$"other{i}"] = Value(other, root, depth + 1);
                return value;
        }
    }

    /// <summary>Compact JSON that escapes what it must, or more.</summary>
    public string Write(JsonNode? value) => value switch
    {
        JsonObject o => $"{{{string.Join(Mark(','), o.Select(p => $"{Quote(p.Key, plain: true)}{Mark(':')}{Write(p.Value)}"))}}}",
        JsonArray a => $"[{string.Join(Mark(','), a.Select(Write))}]",
        JsonValue v when v.GetValueKind() == System.Text.Json.JsonValueKind.String => Quote(v.GetValue<string>(), plain: true),
        null => "null",
        _ => value.ToJsonString(),
    };

    private string Mark(char mark) => random.Next(3) == 0 ? $"{mark} " : $"{mark}";

    private static string Quote(string text, bool plain) => plain
        ? $"\"{string.Concat(text.Select(c => c switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", '\b' => "\\b", '\f' => "\\f", < ' ' => $"\\u{(int)c:x4}", _ => c.ToString() }))}\""
        : System.Text.Json.JsonSerializer.Serialize(text);
}
