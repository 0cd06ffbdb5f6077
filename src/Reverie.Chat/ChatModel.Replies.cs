using System.Diagnostics;
using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

public sealed partial class ChatModel
{
    /// <summary>The mean of the last hidden states of each text, of length 1.</summary>
    /// <param name="texts">Tokens of the texts.</param>
    /// <param name="dimensions">Only so many of the first components; null for the model's width.</param>
    /// <param name="adapter">A LoRA; null for the model alone.</param>
    /// <param name="owner">Who asks, see <see cref="ReverieChatOptions.Owner"/>.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="ReverieException">A text has no tokens or too many, or the model has fewer dimensions.</exception>
    public async Task<float[][]> EmbedAsync(IReadOnlyList<int[]> texts, int? dimensions = null, Adapter? adapter = null, string owner = "", CancellationToken cancel = default)
    {
        int width = Transformer.Config.Width;
        if (dimensions is < 1 || dimensions > width) throw new ReverieException($"The vectors of {Id} have {width} dimensions, so {dimensions} cannot be had.");
        if (texts.FirstOrDefault(t => t.Length > ContextLength) is { } tooLong) throw new ContextTooLongException(tooLong.Length, ContextLength);
        return await Task.WhenAll(texts.Select(EmbedOneAsync)).ConfigureAwait(false);

        async Task<float[]> EmbedOneAsync(int[] text)
        {
            var channel = new ReplyChannel(Tokenizer, alternatives: null);
            Generation generation = Submit(new GenerationRequest(text, _options.Defaults with { MaxTokens = 1 }) { IsEmbedding = true, Adapter = adapter, Owner = owner, Cancellation = cancel }, channel);
            try
            {
                await channel.Reader.Completion.ConfigureAwait(false);
            }
            finally
            {
                Close(generation, channel);
            }

            cancel.ThrowIfCancellationRequested();
            float[] vector = generation.Embedding!.AsSpan(0, dimensions ?? width).ToArray();
            float length = MathF.Sqrt(vector.Sum(v => v * v));
            return length > 0 ? [.. vector.Select(v => v / length)] : vector;
        }
    }

    private const double Smoothing = 0.1;

    private double _secondsPerReply = 1;

    private ChatEvent.Finished Finish(Generation generation, int calls)
    {
        int answer = generation.Tokens.Length;
        double toFirst = Stopwatch.GetElapsedTime(generation.SubmittedTimestamp, generation.FirstTokenTimestamp).TotalSeconds;
        double fromFirst = Stopwatch.GetElapsedTime(generation.FirstTokenTimestamp, generation.LastTokenTimestamp).TotalSeconds;
        var timings = new ReplyTimings(generation.Request.Prompt.Length, generation.ReusedTokens, answer > 0 ? toFirst : 0, answer, fromFirst);
        bool isCancelled = generation.StopReason == StopReason.Cancelled;
        if (!isCancelled) _secondsPerReply += Smoothing * (timings.PromptSeconds + timings.AnswerSeconds - _secondsPerReply);
        var usage = new UsageDetails
        {
            InputTokenCount = timings.PromptTokens,
            CachedInputTokenCount = timings.CachedTokens,
            OutputTokenCount = answer,
            ReasoningTokenCount = ReasoningTokens(generation.Tokens),
            TotalTokenCount = timings.PromptTokens + answer,
        };
        ChatFinishReason reason = isCancelled ? ChatEvent.Finished.Cancelled
            : generation.StopReason is StopReason.MaxTokens or StopReason.ContextFull ? ChatFinishReason.Length
            : calls > 0 ? ChatFinishReason.ToolCalls
            : ChatFinishReason.Stop;
        return new ChatEvent.Finished(reason, usage, timings, generation);
    }

    private int ReasoningTokens(ReadOnlySpan<int> tokens)
    {
        if (Tokenizer.Id(SpecialToken.ThinkStart) is not { } open || Tokenizer.Id(SpecialToken.ThinkEnd) is not { } close) return 0;
        bool inside = Tokenizer.ChatTemplate.AnswerOpening.Length > 0;
        int count = 0;
        foreach (int token in tokens)
        {
            inside = token == open || (inside && token != close);
            if (inside && token != open) count++;
        }

        return count;
    }

    /// <summary>When the queue before a new request has gone down, as far as earlier replies tell.</summary>
    private TimeSpan RetryAfter() => TimeSpan.FromSeconds(Math.Clamp(_secondsPerReply * _open.Count / _options.Generator.MaxConcurrent, 1, 60));

    /// <summary>Tells all readers that the model can go on no longer.</summary>
    private void Fail(Exception exception)
    {
        lock (_open)
        {
            _failure = exception;
            foreach (ReplyChannel channel in _open) channel.Fail(exception);
        }
    }
}
