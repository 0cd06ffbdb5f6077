using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Reverie.Chat;

/// <summary>
/// The models of a <see cref="ModelCatalog"/> behind the chat interface of .NET. Any thread may call it, any number of times at once: all
/// replies run in one batch. Tools are passed to the model and its calls come back; <c>UseFunctionInvocation</c> runs them.
/// </summary>
/// <remarks>
/// Each update of a reply that is written with an adapter carries <see cref="AdapterKey"/> in its additional properties; the last one carries
/// <see cref="UsageContent"/>, the finish reason, <see cref="TimingsKey"/> and <see cref="GenerationKey"/>. A <see cref="ReverieChatOptions"/> says more than <see cref="ChatOptions"/> can.
/// </remarks>
/// <param name="catalog">The models; the client does not own it.</param>
/// <param name="model">The model where a request names none: name, name@version, name+adapter; null for the catalog's first.</param>
/// <param name="owner">Who asks where a request does not say so by <see cref="ReverieChatOptions.Owner"/>; null for nobody in particular.</param>
public sealed class ReverieChatClient(ModelCatalog catalog, string? model = null, string? owner = null) : IChatClient
{
    /// <summary>The <see cref="ReplyTimings"/> of a reply.</summary>
    public const string TimingsKey = "timings";

    /// <summary>The <see cref="Models.Generation"/>: the tokens as they were drawn, with their log-probabilities.</summary>
    public const string GenerationKey = "generation";

    /// <summary>The name of the adapter that the reply was written with, where there was one.</summary>
    public const string AdapterKey = "adapter";

    private readonly ChatClientMetadata _metadata = new("reverie", defaultModelId: model ?? catalog.Default);

    /// <inheritdoc/>
    /// <exception cref="Tensors.ReverieException">The model is not there, the conversation does not fit, or the request makes no sense.</exception>
    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="Tensors.ReverieException">As for <see cref="GetResponseAsync"/>.</exception>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        string? asks = options is ReverieChatOptions { Owner.Length: > 0 } named ? named.Owner : owner;
        using ModelLease lease = await catalog.OpenAsync(options?.ModelId ?? model, asks, cancellationToken).ConfigureAwait(false);
        string response = $"resp_{Guid.NewGuid():N}", message = $"msg_{Guid.NewGuid():N}";
        DateTimeOffset created = DateTimeOffset.UtcNow;
        SortedDictionary<int, (string Id, string Name, string Arguments)> calls = [];
        await foreach (ChatEvent part in lease.Model.ReplyAsync(messages, options, lease.Adapter, cancellationToken).ConfigureAwait(false))
        {
            switch (part)
            {
                case ChatEvent.Text text:
                    yield return Update(new TextContent(text.Value));
                    break;
                case ChatEvent.Reasoning reasoning:
                    yield return Update(new TextReasoningContent(reasoning.Value));
                    break;
                case ChatEvent.ToolCall call:
                    calls[call.Index] = (call.Id, call.Name, "");
                    break;
                case ChatEvent.ToolArguments more:
                    calls[more.Index] = calls[more.Index] with { Arguments = calls[more.Index].Arguments + more.Json };
                    break;
                case ChatEvent.Finished finished:
                    foreach ((string id, string name, string arguments) in calls.Values) yield return Update(Call(id, name, arguments));
                    ChatResponseUpdate last = Update(new UsageContent(finished.Usage));
                    last.FinishReason = finished.Reason;
                    last.AdditionalProperties ??= [];
                    (last.AdditionalProperties[TimingsKey], last.AdditionalProperties[GenerationKey]) = (finished.Timings, finished.Generation);
                    yield return last;
                    break;
            }
        }

        ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content])
        {
            ResponseId = response,
            MessageId = message,
            CreatedAt = created,
            ModelId = lease.Model.Id,
            AdditionalProperties = lease.AdapterName is { } adapter ? new AdditionalPropertiesDictionary { [AdapterKey] = adapter } : null,
        };
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType == typeof(ModelCatalog) ? catalog
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private static FunctionCallContent Call(string id, string name, string arguments) =>
        FunctionCallContent.CreateFromParsedArguments(arguments, id, name, static json => JsonSerializer.Deserialize<Dictionary<string, object?>>(json, AIJsonUtilities.DefaultOptions));
}
