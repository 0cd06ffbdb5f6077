using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>How what sleep writes stands in files.</summary>
public static class SleepJson
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Writes a file, atomically.</summary>
    public static void Write<T>(string path, T value) => AtomicFile.WriteText(path, Text(value));

    /// <summary>A value as JSON.</summary>
    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ReverieException">It is missing or damaged.</exception>
    public static T Read<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllBytes(path), Options) ?? throw new JsonException("it is null");
        }
        catch (Exception e) when (e is JsonException or IOException or NotSupportedException)
        {
            throw new ReverieException($"{path} cannot be read: {e.Message.ReplaceLineEndings(" ")} Make the adapter anew with: reverie sleep --rebuild.", e);
        }
    }
}
