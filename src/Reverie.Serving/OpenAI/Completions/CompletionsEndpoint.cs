using Microsoft.AspNetCore.Http;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary><c>POST /v1/completions</c>: continues texts as they stand.</summary>
internal sealed class CompletionsEndpoint(Backend backend)
{
    private const int MostAlternatives = 5, DefaultTokens = 16;

    /// <summary>Continues the prompts of a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        CompletionRequest request = await JsonBody.ReadAsync(context, ApiJson.Default.CompletionRequest).ConfigureAwait(false);
        Check(request);
        using ModelCall call = await ModelCall.OpenAsync(backend, context, request.Model, "text_completion").ConfigureAwait(false);
        ReverieChatOptions options = SamplingReader.Read(request, call.Model, call.User.Id);
        options.MaxOutputTokens ??= DefaultTokens;
        options.LogProbabilities = request.Logprobs;
        int repeats = SamplingReader.Choices(request.N, backend.Options.MaxChoices);
        (int[] Tokens, string Text)[] prompts = PromptReader.Read(request.Prompt, "prompt", call.Model.Tokenizer);
        if (prompts.Length * repeats > backend.Options.MaxChoices) throw ApiException.Invalid("prompt", $"{prompts.Length} prompts and \"n\" ask for {prompts.Length * repeats} texts; at most {backend.Options.MaxChoices} are written at once.");

        string id = $"cmpl-{Guid.NewGuid():N}";
        string[] echoes = [.. prompts.SelectMany(p => Enumerable.Repeat(request.Echo == true ? p.Text : "", repeats))];
        IAsyncEnumerable<ChatEvent>[] replies = [.. prompts.SelectMany((p, i) => Enumerable.Range(0, repeats)
            .Select(n => call.Model.ContinueAsync(p.Tokens, ChatCompletionsEndpoint.Seeded(options, (i * repeats) + n), call.Lease.Adapter, call.Cancel)))];
        if (request.Stream == true)
        {
            var writer = new CompletionWriter(id, call, echoes, repeats, request.StreamOptions?.IncludeUsage == true);
            await ReplyStream.RunAsync(context, call, backend.Options, Choices.Merge(replies), writer).ConfigureAwait(false);
            return;
        }

        Answer[] answers = await Answer.CollectAsync(call, replies).ConfigureAwait(false);
        var completion = new Completion(id, call.Created, call.ModelId, call.Fingerprint, [.. answers.Select((a, i) => ChoiceOf(a, i, echoes[i], request.Logprobs is not null))],
            Answer.UsageOf([.. answers.Select(a => a.End!)], repeats), Answer.TimingsOf(answers[0].End!.Timings));
        call.Succeeded();
        await context.Response.WriteAsJsonAsync(completion, ApiJson.Relaxed.Completion, cancellationToken: call.Cancel).ConfigureAwait(false);
    }

    /// <summary>The probabilities of tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="offset">Where in the text the first one stands; then, where the next one would.</param>
    public static CompletionLogprobs LogprobsOf(IReadOnlyList<TokenLogProbability> tokens, ref int offset)
    {
        var offsets = new List<int>(tokens.Count);
        List<string> texts = [];
        foreach (TokenLogProbability token in tokens)
        {
            texts.Add(TextOf(token));
            offsets.Add(offset);
            offset += texts[^1].Length;
        }

        return new CompletionLogprobs(texts, [.. tokens.Select(Value)], [.. tokens.Select(Alternatives)], offsets);
    }

    private static Dictionary<string, float> Alternatives(TokenLogProbability token)
    {
        var alternatives = new Dictionary<string, float>();
        foreach (TokenLogProbability other in token.Alternatives) alternatives.TryAdd(TextOf(other), Value(other));
        return alternatives;
    }

    private static float Value(TokenLogProbability token) => Math.Max(token.LogProbability, -9999);

    private static string TextOf(TokenLogProbability token) => System.Text.Encoding.UTF8.GetString(token.Bytes);

    private static CompletionChoice ChoiceOf(Answer answer, int index, string echo, bool logprobs)
    {
        int offset = echo.Length;
        return new CompletionChoice(index, echo + answer.Text, logprobs ? LogprobsOf(answer.Tokens, ref offset) : null, answer.FinishReason);
    }

    private static void Check(CompletionRequest request)
    {
        if (!string.IsNullOrEmpty(request.Suffix)) throw ApiException.Unsupported("suffix", "A model here continues texts and cannot fill in before a \"suffix\".");
        if (request.BestOf is { } best && best != (request.N ?? 1)) throw ApiException.Unsupported("best_of", "\"best_of\" is not supported. Ask for several with \"n\" and choose.");
        SamplingReader.Check(request.Logprobs is null or (>= 0 and <= MostAlternatives), "logprobs", request.Logprobs, $"between 0 and {MostAlternatives}");
        if (request is { Echo: true, Logprobs: not null }) throw ApiException.Unsupported("echo", "The probabilities of a prompt are not told. Send \"echo\" or \"logprobs\".");
        if (request.StreamOptions is not null && request.Stream != true) throw ApiException.Invalid("stream_options", "\"stream_options\" is set without \"stream\": true.");
    }
}
