using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reverie.Cli;

/// <summary>Writes the one object with which a command under <c>--json</c> ends.</summary>
internal static class JsonResult
{
    private const int Decimals = 6;

    private static readonly JsonSerializerOptions _options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new NumberOrNull() },
    };

    /// <summary>Writes the object on one line.</summary>
    public static void Write(TextWriter output, object result)
    {
        output.WriteLine(JsonSerializer.Serialize(result, _options));
        output.Flush();
    }

    /// <summary>JSON has no NaN: a figure that is not known is null. Nor does anybody need sixteen digits.</summary>
    private sealed class NumberOrNull : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options)
        {
            if (double.IsFinite(value)) writer.WriteNumberValue(Math.Round(value, Decimals));
            else writer.WriteNullValue();
        }
    }
}
