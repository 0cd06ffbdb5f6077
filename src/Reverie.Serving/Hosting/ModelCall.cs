using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>One request to a model: it holds the model, is counted, and ends when the client goes or the server must.</summary>
internal sealed class ModelCall : IDisposable
{
    private readonly Backend _backend;
    private readonly KeyMeter? _meter;
    private readonly CancellationTokenSource _cancel;
    private readonly string _operation;
    private readonly long _began = Stopwatch.GetTimestamp();
    private ModelLease? _lease;
    private string? _error = "cancelled";

    private ModelCall(Backend backend, HttpContext context, string operation)
    {
        (_backend, _operation) = (backend, operation);
        backend.Draining.ThrowIfDraining();
        User = context.User();
        _meter = User.KeyId is null ? null : backend.Meters.Of(User);
        try
        {
            _meter?.Enter();
        }
        finally
        {
            _meter?.Describe(context.Response.Headers);
        }

        _cancel = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, backend.Draining.Ended);
        backend.Measures.Begin();
    }

    /// <summary>Who asks.</summary>
    public User User { get; }

    /// <summary>Set when the client goes or the server must end.</summary>
    public CancellationToken Cancel => _cancel.Token;

    /// <summary>The model.</summary>
    public ChatModel Model => _lease!.Model;

    /// <summary>The model in use, with its adapter.</summary>
    public ModelLease Lease => _lease!;

    /// <summary>The model's name in answers.</summary>
    public string ModelId => ModelCatalog.NameOf(Model.Id, _lease!.AdapterName);

    /// <summary>Who the model is, by the hash of its weights; null where nobody knows.</summary>
    public string? Fingerprint => Model.Hash is { Length: > 0 } hash ? $"fp_{hash[..Math.Min(12, hash.Length)]}" : null;

    /// <summary>When the request came, in seconds since 1970.</summary>
    public long Created { get; } = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>Takes a model into use for a request.</summary>
    /// <param name="backend">What there is.</param>
    /// <param name="context">The request.</param>
    /// <param name="model">Its name; null for the default.</param>
    /// <param name="operation">What is asked for, for the measures.</param>
    /// <param name="speaks">Whether the model wears the user's current adapter where she names none. Vectors and counts of tokens are everybody's.</param>
    /// <exception cref="ApiException">The key's limits are reached or the server is about to end.</exception>
    /// <exception cref="ModelNotFoundException">There is no such model.</exception>
    public static async Task<ModelCall> OpenAsync(Backend backend, HttpContext context, string? model, string operation, bool speaks = true)
    {
        var call = new ModelCall(backend, context, operation);
        try
        {
            call._lease = await backend.Catalog.OpenAsync(speaks ? model : backend.Catalog.WithoutCurrent(model), call.User.Id, call.Cancel).ConfigureAwait(false);
            return call;
        }
        catch (ReverieException exception) when (exception is not ModelNotFoundException)
        {
            // The request is right; what it asks for is damaged.
            call.Dispose();
            throw new ApiException(StatusCodes.Status500InternalServerError, exception.Message, "model", "model_unavailable");
        }
        catch
        {
            call.Dispose();
            throw;
        }
    }

    /// <summary>Puts what the user typed earlier before a conversation.</summary>
    /// <param name="isWanted">Whether the request wants it.</param>
    /// <param name="messages">The conversation; it stays as it is.</param>
    /// <param name="options">The request's options; instructions go to the messages where memories stand beside them.</param>
    /// <param name="except">Ids of messages that are in the conversation; null for none.</param>
    public async Task<Recollection> RecallAsync(bool isWanted, IReadOnlyList<ChatMessage> messages, ReverieChatOptions options, IReadOnlySet<string>? except = null)
    {
        if (!isWanted || _backend.Retriever is not { } retriever || messages.LastOrDefault(m => m.Role == ChatRole.User)?.Text is not { Length: > 0 } said) return new Recollection(messages, []);
        PromptRoom room = Model.RoomBeside(messages, options);
        if (room.IsLarge && options.Instructions is { Length: > 0 } instructions) (messages, options.Instructions) = ([new ChatMessage(ChatRole.System, instructions), .. messages], null);
        return await RecalledPrompt.RecallAsync(retriever, User.Id, said, messages, room, except, HeldFacts.Of(Lease.Adapter, Lease.AdapterFolders), Cancel).ConfigureAwait(false);
    }

    /// <summary>Counts a reply that is over. One that was cancelled cost what was made of it.</summary>
    public void Count(ChatEvent.Finished finished)
    {
        if (finished.IsCancelled && finished.Timings.AnswerTokens == 0) return;
        if (finished.IsCancelled) _backend.Measures.Tokens(_operation, Model.Id, finished.Timings.PromptTokens, finished.Timings.AnswerTokens);
        else _backend.Measures.Reply(_operation, Model.Id, finished.Timings);
        _meter?.Take(finished.Timings.PromptTokens + finished.Timings.AnswerTokens);
    }

    /// <summary>Counts tokens that were read without a reply.</summary>
    public void Count(long tokens)
    {
        _backend.Measures.Tokens(_operation, Model.Id, tokens, 0);
        _meter?.Take(tokens);
    }

    /// <summary>The request was answered as it wished.</summary>
    public void Succeeded() => _error = null;

    /// <summary>The request has failed.</summary>
    public ApiError Failed(Exception exception)
    {
        if (exception is OperationCanceledException && _backend.Draining.Ended.IsCancellationRequested) exception = Draining.Refusal();
        var error = ApiError.Of(exception);
        _error = error.Status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return error;
    }

    /// <summary>Ends what still runs of the replies.</summary>
    public void Stop() => _cancel.Cancel();

    /// <summary>Ends what still runs and gives the model back.</summary>
    public void Dispose()
    {
        Stop();
        _lease?.Dispose();
        _meter?.Leave();
        _backend.Measures.End(_operation, _lease?.Model.Id, _began, _error);
        _cancel.Dispose();
    }
}
