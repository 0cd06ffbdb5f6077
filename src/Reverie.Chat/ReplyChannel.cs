using System.Threading.Channels;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>What the engine's thread tells the reader of one reply. It never waits: a reply is bounded by its tokens, however slow the reader is.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="alternatives">Null for no log-probabilities.</param>
internal sealed class ReplyChannel(Tokenizer tokenizer, int? alternatives)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<ChatEvent> _events = Channel.CreateUnbounded<ChatEvent>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = false });

    /// <summary>Texts and drawn tokens; it ends with the reply.</summary>
    public ChannelReader<ChatEvent> Reader => _events.Reader;

    /// <summary>Alternatives that are told of each token; null for no log-probabilities.</summary>
    public int? Alternatives => alternatives;

    /// <summary>Completes when nothing more will come; what came may still be unread.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Takes a piece of text.</summary>
    public void Write(string text) => _events.Writer.TryWrite(new ChatEvent.Text(text));

    /// <summary>Takes the token that was drawn last; the one that ends the reply says nothing.</summary>
    public void Write(Generation generation)
    {
        if (generation.StopReason is StopReason.StopToken or StopReason.EndOfText) return;
        TokenLogProbability[] others = [.. generation.Alternatives(generation.Tokens.Length - 1).ToArray().Select(a => Of(a.Id, a.LogProbability, []))];
        _events.Writer.TryWrite(new ChatEvent.Drawn([Of(generation.Tokens[^1], generation.LogProbabilities[^1], others)]));
    }

    /// <summary>Ends the reply.</summary>
    public void Complete(Generation generation) => Complete(generation.Failure is { } failure ? new ReverieException(failure) : null);

    /// <summary>Ends the reply because the model has failed.</summary>
    public void Fail(Exception exception) => Complete(new ReverieException($"The model has failed: {exception.Message}", exception));

    private void Complete(ReverieException? failure)
    {
        _events.Writer.TryComplete(failure);
        _ended.TrySetResult();
    }

    private TokenLogProbability Of(int id, float logProbability, TokenLogProbability[] others) => new(id, tokenizer.Bytes(id).ToArray(), logProbability, others);
}
