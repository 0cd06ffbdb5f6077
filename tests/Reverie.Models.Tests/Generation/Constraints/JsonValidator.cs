using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Reverie.Models.Tests.Generation.Constraints;

/// <summary>Whether JSON is valid by a schema: the standard's words as they are, for what <see cref="RandomSchemas"/> makes.</summary>
internal static class JsonValidator
{
    public static bool IsValid(JsonNode? value, JsonNode schema, JsonNode root)
    {
        if (schema is JsonValue truth) return truth.GetValue<bool>();
        JsonObject rules = schema.AsObject();
        JsonValueKind kind = value?.GetValueKind() ?? JsonValueKind.Null;
        foreach ((string keyword, JsonNode? rule) in rules)
        {
            bool holds = keyword switch
            {
                "type" => (rule is JsonArray types ? types.Select(t => t!.GetValue<string>()) : [rule!.GetValue<string>()]).Any(t => IsOfType(value, kind, t)),
                "enum" => rule!.AsArray().Any(v => JsonNode.DeepEquals(v, value)),
                "const" => JsonNode.DeepEquals(rule, value),
                "$ref" => IsValid(value, rule!.GetValue<string>() == "#" ? root : root["$defs"]![rule.GetValue<string>()["#/$defs/".Length..]]!, root),
                "allOf" => rule!.AsArray().All(s => IsValid(value, s!, root)),
                "anyOf" or "oneOf" => rule!.AsArray().Any(s => IsValid(value, s!, root)),
                "minimum" => kind != JsonValueKind.Number || Number(value) >= Number(rule),
                "maximum" => kind != JsonValueKind.Number || Number(value) <= Number(rule),
                "exclusiveMinimum" => kind != JsonValueKind.Number || Number(value) > Number(rule),
                "exclusiveMaximum" => kind != JsonValueKind.Number || Number(value) < Number(rule),
                "minLength" => kind != JsonValueKind.String || Length(value) >= (int)Number(rule),
                "maxLength" => kind != JsonValueKind.String || Length(value) <= (int)Number(rule),
                "pattern" => kind != JsonValueKind.String || Regex.IsMatch(value!.GetValue<string>(), rule!.GetValue<string>(), RegexOptions.ECMAScript),
                "format" => kind != JsonValueKind.String || HasFormat(value!.GetValue<string>(), rule!.GetValue<string>()),
                "minItems" => kind != JsonValueKind.Array || value!.AsArray().Count >= (int)Number(rule),
                "maxItems" => kind != JsonValueKind.Array || value!.AsArray().Count <= (int)Number(rule),
                "prefixItems" => kind != JsonValueKind.Array || value!.AsArray().Zip(rule!.AsArray()).All(p => IsValid(p.First, p.Second!, root)),
                "items" => kind != JsonValueKind.Array || value!.AsArray().Skip(rules["prefixItems"]?.AsArray().Count ?? 0).All(v => IsValid(v, rule!, root)),
                "required" => kind != JsonValueKind.Object || rule!.AsArray().All(n => value!.AsObject().ContainsKey(n!.GetValue<string>())),
                "properties" => kind != JsonValueKind.Object || rule!.AsObject().All(p => !value!.AsObject().ContainsKey(p.Key) || IsValid(value[p.Key], p.Value!, root)),
                "additionalProperties" => kind != JsonValueKind.Object || value!.AsObject().All(p => rules["properties"]?.AsObject().ContainsKey(p.Key) == true || IsValid(p.Value, rule!, root)),
                "minProperties" => kind != JsonValueKind.Object || value!.AsObject().Count >= (int)Number(rule),
                "maxProperties" => kind != JsonValueKind.Object || value!.AsObject().Count <= (int)Number(rule),
                "$defs" or "description" or "title" => true,
                _ => throw new InvalidOperationException(keyword),
            };
            if (!holds) return false;
        }

        return true;
    }

    private static bool IsOfType(JsonNode? value, JsonValueKind kind, string type) => type switch
    {
        "null" => kind == JsonValueKind.Null,
        "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
        "integer" => kind == JsonValueKind.Number && decimal.TryParse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out decimal number) && number == decimal.Truncate(number),
        "number" => kind == JsonValueKind.Number,
        "string" => kind == JsonValueKind.String,
        "array" => kind == JsonValueKind.Array,
        _ => kind == JsonValueKind.Object,
    };

    private static decimal Number(JsonNode? value) => decimal.Parse(value!.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture);

    private static int Length(JsonNode? value) => value!.GetValue<string>().EnumerateRunes().Count();

    private static bool HasFormat(string text, string format) => format switch
    {
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "time" => DateTimeOffset.TryParse($"2000-01-01T{text}", CultureInfo.InvariantCulture, DateTimeStyles.None, out _) || (text.Length > 13 && text[^6] is '+' or '-'),
        "date-time" => text.Length > 19 && DateTime.TryParseExact(text[..19], "yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "email" => System.Net.Mail.MailAddress.TryCreate(text, out _),
        "ipv4" or "ipv6" => System.Net.IPAddress.TryParse(text, out _),
        "hostname" => Uri.CheckHostName(text) is UriHostNameType.Dns or UriHostNameType.IPv4,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "duration" => Regex.IsMatch(text, "^P(?!$)(\\d+Y)?(\\d+M)?(\\d+W)?(\\d+D)?(T(?=\\d)(\\d+H)?(\\d+M)?(\\d+S)?)?$"),
        _ => throw new InvalidOperationException(format),
    };
}
