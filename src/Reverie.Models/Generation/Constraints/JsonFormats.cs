namespace Reverie.Models;

/// <summary>The formats of strings, as patterns: the usual forms, all of them valid.</summary>
internal static class JsonFormats
{
    private const string Year = "(?:000[1-9]|00[1-9]\\d|0[1-9]\\d\\d|[1-9]\\d{3})";
    private const string LeapYear = "(?:\\d\\d(?:0[48]|[2468][048]|[13579][26])|(?:0[48]|[2468][048]|[13579][26])00)";
    private const string Date = $"(?:{Year}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|02-(?:0[1-9]|1\\d|2[0-8]))|{LeapYear}-02-29)";
    private const string Time = "(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d{1,9})?(?:Z|[+-](?:[01]\\d|2[0-3]):[0-5]\\d)";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string HostName = $"{Label}(?:\\.{Label})*";
    private const string Byte = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private const string H = "[0-9a-fA-F]{1,4}";
    private const string Atom = "[A-Za-z0-9_+-]+";
    private const string InPath = "[A-Za-z0-9._~!$&'()*+,;=:@/-]*";

    private static readonly Dictionary<string, string> _patterns = new()
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = $"{Date}T{Time}",
        ["duration"] = "P(?:\\d{1,9}W|(?:\\d{1,9}Y(?:\\d{1,9}M(?:\\d{1,9}D)?)?|\\d{1,9}M(?:\\d{1,9}D)?|\\d{1,9}D)(?:T(?:\\d{1,9}H(?:\\d{1,9}M(?:\\d{1,9}S)?)?|\\d{1,9}M(?:\\d{1,9}S)?|\\d{1,9}S))?|T(?:\\d{1,9}H(?:\\d{1,9}M(?:\\d{1,9}S)?)?|\\d{1,9}M(?:\\d{1,9}S)?|\\d{1,9}S))",
        ["uuid"] = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}",
        ["email"] = $"{Atom}(?:\\.{Atom})*@{Label}(?:\\.{Label})+",
        ["hostname"] = HostName,
        ["ipv4"] = $"{Byte}(?:\\.{Byte}){{3}}",
        ["ipv6"] = $"(?:{H}:){{7}}{H}|(?:{H}:){{1,7}}:|(?:{H}:){{1,6}}:{H}|(?:{H}:){{1,5}}(?::{H}){{1,2}}|(?:{H}:){{1,4}}(?::{H}){{1,3}}|(?:{H}:){{1,3}}(?::{H}){{1,4}}|(?:{H}:){{1,2}}(?::{H}){{1,5}}|{H}:(?::{H}){{1,6}}|:(?:(?::{H}){{1,7}}|:)",
        ["uri"] = $"[A-Za-z][A-Za-z0-9+.-]{{0,30}}://{HostName}(?::[1-9]\\d{{0,3}})?(?:/{InPath})?(?:\\?{InPath})?(?:#{InPath})?",
    };

    /// <summary>The pattern of a format; null where it concerns numbers alone.</summary>
    /// <exception cref="Reverie.Tensors.ReverieException">The format is not known here.</exception>
    public static string? Pattern(SchemaPlace schema, string format)
    {
        if (_patterns.TryGetValue(format, out string? pattern)) return $"^(?:{pattern})$";
        return format is "int32" or "int64" or "float" or "double" ? null : throw schema.Fault("format", $"is {format}, which is not enforced. Known are {string.Join(", ", _patterns.Keys)}; or write a pattern.");
    }
}
