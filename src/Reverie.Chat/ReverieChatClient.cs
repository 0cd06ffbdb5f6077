using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Reverie.Chat;

/// <summary>
/// The models of a <see cref="ModelCatalog"/> behind the chat interface of .NET. Any thread may call it, any number of times at once: all
/// replies run in one batch. Tools are passed to the model and its calls come back; <c>UseFunctionInvocation</c> runs them.
/// </summary>
/// <remarks>
/// The last update of a reply carries <see cref="UsageContent"/>, the finish reason and, in its additional properties,
/// <see cref="TimingsKey"/>, <see cref="GenerationKey"/> and <see cref="AdapterKey"/>. A <see cref="ReverieChatOptions"/> says more than <see cref="ChatOptions"/> can.
/// </remarks>
/// <param name="catalog">The models; the client does not own it.</param>
/// <param name="model">The model where a request names none: name, name@version, name+adapter; null for the catalog's first.</param>
public sealed class ReverieChatClient(ModelCatalog catalog, string? model = null) : IChatClient
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
        using ModelLease lease = await catalog.OpenAsync(options?.ModelId ?? model, cancellationToken).ConfigureAwait(false);
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
                    last.AdditionalProperties = new AdditionalPropertiesDictionary { [TimingsKey] = finished.Timings, [GenerationKey] = finished.Generation };
                    if (lease.AdapterName is { } adapter) last.AdditionalProperties[AdapterKey] = adapter;
                    yield return last;
                    break;
            }
        }

        ChatResponseUpdate Update(AIContent content) => new(ChatRole.Assistant, [content]) { ResponseId = response, MessageId = message, CreatedAt = created, ModelId = lease.Model.Id };
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
