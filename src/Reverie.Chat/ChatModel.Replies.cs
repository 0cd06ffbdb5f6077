using System.Diagnostics;
using Microsoft.Extensions.AI;
using Reverie.Models;

namespace Reverie.Chat;

public sealed partial class ChatModel
{
    private const double Smoothing = 0.1;

    private double _secondsPerReply = 1;

    private ChatEvent.Finished Finish(Generation generation, int calls)
    {
        int answer = generation.Tokens.Length;
        double toFirst = Stopwatch.GetElapsedTime(generation.SubmittedTimestamp, generation.FirstTokenTimestamp).TotalSeconds;
        double fromFirst = Stopwatch.GetElapsedTime(generation.FirstTokenTimestamp, generation.LastTokenTimestamp).TotalSeconds;
        var timings = new ReplyTimings(generation.Request.Prompt.Length, generation.ReusedTokens, answer > 0 ? toFirst : 0, answer, fromFirst);
        _secondsPerReply += Smoothing * (timings.PromptSeconds + timings.AnswerSeconds - _secondsPerReply);
        var usage = new UsageDetails
        {
            InputTokenCount = timings.PromptTokens,
            CachedInputTokenCount = timings.CachedTokens,
            OutputTokenCount = answer,
            ReasoningTokenCount = ReasoningTokens(generation.Tokens),
            TotalTokenCount = timings.PromptTokens + answer,
        };
        ChatFinishReason reason = generation.StopReason is StopReason.MaxTokens or StopReason.ContextFull ? ChatFinishReason.Length
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

    /// <summary>What the reply may say; null for anything.</summary>
    private ITokenConstraint? ConstraintOf(ChatOptions options) => null;

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
