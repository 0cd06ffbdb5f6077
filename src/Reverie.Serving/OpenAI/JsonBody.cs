using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>Reads a request's body and says clearly what is wrong with it.</summary>
internal static partial class JsonBody
{
    /// <summary>Reads the body as JSON.</summary>
    /// <exception cref="ApiException">It is no JSON, or a field has another type than it should; the field is named.</exception>
    public static async Task<T> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type) where T : class
    {
        // A web page may send other types without asking first, so they are refused (cross-site request forgery).
        if (!context.Request.HasJsonContentType())
            throw new ApiException(StatusCodes.Status415UnsupportedMediaType, "The body must be JSON. Send the header Content-Type: application/json.", code: "unsupported_media_type");
        try
        {
            return await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false)
                ?? throw ApiException.Invalid(null, "The body is null; it must be a JSON object.", "invalid_json");
        }
        catch (JsonException exception)
        {
            throw Explain(exception);
        }
    }

    /// <summary>The text of a field that may hold several types.</summary>
    /// <exception cref="ApiException">It is no text, or half a character.</exception>
    public static string Text(JsonElement value, string param)
    {
        if (value.ValueKind != JsonValueKind.String) throw ApiException.Invalid(param, $"\"{param}\" must be a text.", "invalid_type");
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw ApiException.Invalid(param, $"\"{param}\" holds half a surrogate pair, which is no character. Send whole characters.", "invalid_unicode");
        }
    }

    /// <summary>A field that is one text or a list of them; empty where it is missing.</summary>
    public static string[] Texts(JsonElement? value, string param) => value switch
    {
        null or { ValueKind: JsonValueKind.Null } => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select((e, i) => Text(e, $"{param}[{i}]"))],
        { } text => [Text(text, param)],
    };

    /// <summary>The text of a property of an object; null where it is missing.</summary>
    public static string? Text(JsonElement value, string property, string param) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(property, out JsonElement text) && text.ValueKind != JsonValueKind.Null ? Text(text, $"{param}.{property}") : null;

    private static ApiException Explain(JsonException exception)
    {
        string? path = exception.Path is ['$', '.', .. var rest] ? rest : null;
        if (exception.InnerException is InvalidOperationException && exception.Message.Contains("UTF-16", StringComparison.Ordinal) || exception.InnerException?.Message.Contains("UTF-16", StringComparison.Ordinal) == true)
            return ApiException.Invalid(path, $"\"{path}\" holds half a surrogate pair, which is no character. Send whole characters.", "invalid_unicode");
        Match target = Target().Match(exception.Message);
        if (target.Success)
        {
            string kind = target.Groups[1].Value switch
            {
                string t when t.Contains("System.Single", StringComparison.Ordinal) || t.Contains("System.Double", StringComparison.Ordinal) => "a number",
                string t when t.Contains("System.Int", StringComparison.Ordinal) => "a whole number",
                string t when t.Contains("System.Boolean", StringComparison.Ordinal) => "true or false",
                string t when t.Contains("[]", StringComparison.Ordinal) || t.Contains("List", StringComparison.Ordinal) => "a list",
                string t when t == "System.String" => "a text",

                // A number or a truth value is said to be wrong by the object around it.
                _ when exception.InnerException?.Message is { } inner && path is not null => inner.Contains("Boolean", StringComparison.OrdinalIgnoreCase) ? "true or false"
                    : inner.Contains("Int32", StringComparison.Ordinal) || inner.Contains("Int64", StringComparison.Ordinal) ? "a whole number that is not too large"
                    : inner.Contains("number", StringComparison.OrdinalIgnoreCase) ? "a number"
                    : "of another type",
                _ => "an object",
            };
            return ApiException.Invalid(path, path is null ? $"The body must be {kind}." : $"\"{path}\" must be {kind}.", "invalid_type");
        }

        string where = exception.LineNumber is { } line ? $" It goes wrong in line {line + 1} at byte {exception.BytePositionInLine + 1}." : "";
        return ApiException.Invalid(null, $"The body is not valid JSON.{where}", "invalid_json");
    }

    [GeneratedRegex("""could not be converted to (\S+?)\. Path""", RegexOptions.CultureInvariant)]
    private static partial Regex Target();
}
