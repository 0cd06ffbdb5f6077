using System.Text.Json;
using System.Text.Json.Serialization;

namespace Reverie.Serving;

/// <summary>How requests are read and answers written, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatCompletionRequest))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(CompletionRequest))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(TokenizeRequest))]
[JsonSerializable(typeof(TokenizeAnswer))]
[JsonSerializable(typeof(DetokenizeRequest))]
[JsonSerializable(typeof(DetokenizeAnswer))]
[JsonSerializable(typeof(MessageRequest))]
[JsonSerializable(typeof(MessageAnswer))]
[JsonSerializable(typeof(MessageTokens))]
[JsonSerializable(typeof(EmbeddingsRequest))]
[JsonSerializable(typeof(EmbeddingsAnswer))]
[JsonSerializable(typeof(float[]))]
[JsonSerializable(typeof(ResponseRequest))]
[JsonSerializable(typeof(ResponseDeleted))]
[JsonSerializable(typeof(IReadOnlyList<ResponseTool>))]
[JsonSerializable(typeof(IReadOnlyList<MemoryPart>))]
[JsonSerializable(typeof(IReadOnlyDictionary<string, string>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(Dictionary<string, object?>))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>The same, with letters of all languages as they are.</summary>
    public static ApiJson Relaxed { get; } = new(new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The same, without fields that are null.</summary>
    public static ApiJson Compact { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
