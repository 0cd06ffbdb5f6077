using System.Globalization;
using System.Text.Json;
using Reverie.Chat;
using Reverie.Models;

namespace Reverie.Serving;

/// <summary>Reads what a request says about sampling, and refuses what makes no sense by the field's own name.</summary>
internal static class SamplingReader
{
    private const int MaxStops = 16;

    /// <summary>The options of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="model">For the ids of tokens.</param>
    /// <param name="owner">Who asks.</param>
    /// <exception cref="ApiException">A value is out of its range.</exception>
    public static ReverieChatOptions Read(ISamplingRequest request, ChatModel model, string owner)
    {
        Check(request.Temperature is null or (>= 0 and <= 2), "temperature", request.Temperature, "between 0 and 2");
        Check(request.TopP is null or (> 0 and <= 1), "top_p", request.TopP, "above 0 and at most 1");
        Check(request.TopK is null or >= 0, "top_k", request.TopK, "0 (all tokens) or more");
        Check(request.MinP is null or (>= 0 and <= 1), "min_p", request.MinP, "between 0 and 1");
        float? repetition = request.RepeatPenalty ?? request.RepetitionPenalty;
        Check(repetition is null or (>= 0.01f and <= 100), "repeat_penalty", repetition, "between 0.01 and 100");
        Check(request.PresencePenalty is null or (>= -2 and <= 2), "presence_penalty", request.PresencePenalty, "between -2 and 2");
        Check(request.FrequencyPenalty is null or (>= -2 and <= 2), "frequency_penalty", request.FrequencyPenalty, "between -2 and 2");
        Check(request.MaxTokens is null or >= 1, "max_tokens", request.MaxTokens, "1 or more");
        string[] stops = JsonBody.Texts(request.Stop, "stop");
        if (stops.Length > MaxStops) throw ApiException.Invalid("stop", $"\"stop\" has {stops.Length} texts; at most {MaxStops} are read.");
        if (stops.Any(s => s.Length == 0)) throw ApiException.Invalid("stop", "A text of \"stop\" is empty, so nothing could be said. Give it some letters.");
        return new ReverieChatOptions
        {
            // Some clients send temperatures that are almost 0 to ask for the likeliest token.
            Temperature = request.Temperature is > 0 and < 0.01f ? 0 : request.Temperature,
            TopP = request.TopP,
            TopK = request.TopK,
            MinP = request.MinP,
            RepetitionPenalty = repetition,
            PresencePenalty = request.PresencePenalty,
            FrequencyPenalty = request.FrequencyPenalty,
            LogitBias = BiasOf(request.LogitBias, model.Tokenizer.VocabularySize),
            Seed = request.Seed,
            MaxOutputTokens = request.MaxTokens,
            StopSequences = stops,
            Grammar = string.IsNullOrEmpty(request.Grammar) ? null : request.Grammar,
            Owner = owner,
        };
    }

    /// <summary>The number of answers that are asked for.</summary>
    /// <exception cref="ApiException">It is out of its range.</exception>
    public static int Choices(int? n, int most)
    {
        Check(n is null || (n >= 1 && n <= most), "n", n, $"between 1 and {most}");
        return n ?? 1;
    }

    /// <summary>Refuses a value out of its range.</summary>
    /// <exception cref="ApiException">It is.</exception>
    public static void Check(bool valid, string param, double? value, string range)
    {
        if (!valid) throw ApiException.Invalid(param, string.Create(CultureInfo.InvariantCulture, $"\"{param}\" is {value}; it must be {range}."), "invalid_value");
    }

    /// <summary>The number of alternatives that are told of each token; null for no probabilities.</summary>
    /// <exception cref="ApiException">It is out of its range.</exception>
    public static int? Alternatives(bool? logprobs, int? top)
    {
        Check(top is null or (>= 0 and <= GenerationRequest.MaxTopLogProbabilities), "top_logprobs", top, $"between 0 and {GenerationRequest.MaxTopLogProbabilities}");
        if (top > 0 && logprobs != true) throw ApiException.Invalid("top_logprobs", "\"top_logprobs\" is set without \"logprobs\": true. Set both, or neither.");
        return logprobs == true ? top ?? 0 : null;
    }

    /// <summary>Efforts by their names in OpenAI's interface.</summary>
    /// <exception cref="ApiException">It is unknown.</exception>
    public static Microsoft.Extensions.AI.ReasoningOptions? Effort(string? effort, string param) => effort switch
    {
        null => null,
        "none" => new() { Effort = Microsoft.Extensions.AI.ReasoningEffort.None },
        "minimal" or "low" => new() { Effort = Microsoft.Extensions.AI.ReasoningEffort.Low },
        "medium" => new() { Effort = Microsoft.Extensions.AI.ReasoningEffort.Medium },
        "high" => new() { Effort = Microsoft.Extensions.AI.ReasoningEffort.High },
        "xhigh" => new() { Effort = Microsoft.Extensions.AI.ReasoningEffort.ExtraHigh },
        _ => throw ApiException.Invalid(param, $"\"{param}\" must be none, minimal, low, medium, high or xhigh."),
    };

    private static Dictionary<int, float>? BiasOf(IReadOnlyDictionary<string, float>? biases, int vocabulary)
    {
        if (biases is not { Count: > 0 }) return null;
        var read = new Dictionary<int, float>(biases.Count);
        foreach ((string token, float bias) in biases)
        {
            if (!int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int id) || id >= vocabulary)
                throw ApiException.Invalid("logit_bias", $"\"logit_bias\" names the token {JsonSerializer.Serialize(token, ApiJson.Default.String)}; this model's tokens are 0 to {vocabulary - 1}.");
            Check(bias is >= -100 and <= 100, "logit_bias", bias, "between -100 and 100");
            read[id] = bias;
        }

        return read;
    }
}
