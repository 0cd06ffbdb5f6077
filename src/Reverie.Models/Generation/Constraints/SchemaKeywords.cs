using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>The keywords of a JSON schema: which say nothing about validity, which are enforced, and that no other is passed over in silence.</summary>
internal static class SchemaKeywords
{
    private static readonly HashSet<string> _annotations =
    [
        "title", "description", "default", "examples", "example", "$schema", "$id", "id", "$comment", "$defs", "definitions", "deprecated",
        "readOnly", "writeOnly", "contentMediaType", "contentEncoding", "contentSchema", "externalDocs", "xml", "strict", "discriminator", "$anchor",
    ];

    private static readonly HashSet<string> _enforced =
    [
        "type", "nullable", "enum", "const", "$ref", "allOf", "anyOf", "oneOf", "properties", "required", "additionalProperties", "minProperties",
        "maxProperties", "items", "prefixItems", "additionalItems", "minItems", "maxItems", "minLength", "maxLength", "pattern", "format", "minimum", "maximum",
        "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems", "propertyNames",
    ];

    private static readonly string[] _ofObjects = ["properties", "required", "additionalProperties", "minProperties", "maxProperties"];
    private static readonly string[] _ofArrays = ["items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems"];

    /// <summary>Whether a keyword has no effect on what is valid.</summary>
    public static bool IsAnnotation(string keyword) => _annotations.Contains(keyword) || keyword.StartsWith("x-", StringComparison.Ordinal);

    /// <summary>Refuses what is not enforced.</summary>
    /// <exception cref="ReverieException">There is such a keyword.</exception>
    public static void Check(SchemaPlace schema)
    {
        foreach (JsonProperty keyword in schema.Schema.EnumerateObject())
        {
            if (!IsAnnotation(keyword.Name) && !_enforced.Contains(keyword.Name)) throw schema.Fault(keyword.Name, "is a keyword that is not enforced here. Leave it out, or say the same in other words.");
        }

        if (schema.Get("uniqueItems") is not null and not { ValueKind: JsonValueKind.False }) throw schema.Fault("uniqueItems", "is not enforced: a grammar cannot compare items. Leave it out and check the reply.");
        if (schema.Get("multipleOf") is not null && schema.Number("multipleOf") != 1) throw schema.Fault("multipleOf", "is not enforced, except for 1. Leave it out and check the reply.");
        if (schema.Get("multipleOf") is not null && !(schema.Get("type") is { ValueKind: JsonValueKind.String } type && type.GetString() == "integer")) throw schema.Fault("multipleOf", "is enforced for integers alone. Write type integer instead.");
        if (schema.Get("propertyNames") is { } names && !SaysNothing(names)) throw schema.Fault("propertyNames", "is not enforced. Leave it out, or list the properties.");
        if (schema.Get("nullable") is not null and not { ValueKind: JsonValueKind.True or JsonValueKind.False }) throw schema.Fault("nullable", "must be true or false.");
        if (schema.Get("enum") is not null && schema.Get("nullable") is { ValueKind: JsonValueKind.True } && schema.Get("type") is null) throw schema.Fault("nullable", "needs a type beside it. Put null among the values instead.");
    }

    /// <summary>Names are strings in any case, and some libraries say so.</summary>
    private static bool SaysNothing(JsonElement names) => names.ValueKind == JsonValueKind.True || (names.ValueKind == JsonValueKind.Object
        && names.EnumerateObject().All(p => IsAnnotation(p.Name) || (p.Name == "type" && p.Value.ValueKind == JsonValueKind.String && p.Value.GetString() == "string")));

    /// <summary>The bounds of numbers.</summary>
    /// <exception cref="ReverieException">One is not a number.</exception>
    public static (NumberBound? Low, NumberBound? High) Bounds(SchemaPlace schema)
    {
        return (Bound("minimum", "exclusiveMinimum", Math.Max, (a, b) => a >= b), Bound("maximum", "exclusiveMaximum", Math.Min, (a, b) => a <= b));

        NumberBound? Bound(string inclusive, string exclusive, Func<decimal, decimal, decimal> tighter, Func<decimal, decimal, bool> isTighter)
        {
            // Draft 4 and OpenAPI 3.0 write true beside the bound.
            decimal? included = schema.Number(inclusive);
            if (schema.Get(exclusive) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag)
                return included is { } value ? new NumberBound(value, flag.ValueKind == JsonValueKind.True) : null;
            decimal? excluded = schema.Number(exclusive);
            if (included is not { } a) return excluded is { } only ? new NumberBound(only, true) : Format();
            return excluded is { } b ? new NumberBound(tighter(a, b), isTighter(b, a)) : new NumberBound(a, false);
            NumberBound? Format() => schema.Get("format") is { ValueKind: JsonValueKind.String } format && format.GetString() == "int32"
                ? new NumberBound(inclusive == "minimum" ? int.MinValue : int.MaxValue, false)
                : null;
        }
    }

    /// <summary>Whether a listed value is allowed by the other keywords beside it.</summary>
    /// <exception cref="ReverieException">That cannot be told here.</exception>
    public static bool Allows(SchemaPlace schema, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                if (Array.Find(_ofObjects, k => schema.Get(k) is not null) is { } ofObjects) throw schema.Fault(ofObjects, "stands beside listed values that are objects. Leave it out.");
                return true;
            case JsonValueKind.Array:
                if (Array.Find(_ofArrays, k => schema.Get(k) is not null) is { } ofArrays) throw schema.Fault(ofArrays, "stands beside listed values that are lists. Leave it out.");
                return true;
            case JsonValueKind.String:
                if (schema.Get("pattern") is not null) throw schema.Fault("pattern", "stands beside listed values. Leave it out.");
                if (schema.Get("format") is not null) throw schema.Fault("format", "stands beside listed values. Leave it out.");
                int length = value.GetString()!.EnumerateRunes().Count();
                return length >= (schema.Count("minLength") ?? 0) && length <= (schema.Count("maxLength") ?? int.MaxValue);
            case JsonValueKind.Number:
                (NumberBound? low, NumberBound? high) = Bounds(schema);
                if (low is null && high is null) return true;
                if (!value.TryGetDecimal(out decimal number)) throw schema.Fault("enum", "has a number too large to be compared with the bounds beside it. Leave it or them out.");
                return (low is null || number > low.Value.Value || (number == low.Value.Value && !low.Value.IsExclusive))
                    && (high is null || number < high.Value.Value || (number == high.Value.Value && !high.Value.IsExclusive));
            default:
                return true;
        }
    }
}
