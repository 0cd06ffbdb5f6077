using System.Text;
using Microsoft.Extensions.AI;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>An answer that is collected from its events.</summary>
internal sealed class Answer
{
    private readonly StringBuilder _text = new(), _reasoning = new();
    private readonly List<(string Id, string Name, StringBuilder Arguments)> _calls = [];
    private readonly List<TokenLogProbability> _tokens = [];

    /// <summary>What was said.</summary>
    public string Text => _text.ToString();

    /// <summary>What was reasoned before.</summary>
    public string Reasoning => _reasoning.ToString();

    /// <summary>The calls, in order.</summary>
    public IEnumerable<(string Id, string Name, string Arguments)> Calls => _calls.Select(c => (c.Id, c.Name, c.Arguments.ToString()));

    /// <summary>Whether it calls tools.</summary>
    public bool HasCalls => _calls.Count > 0;

    /// <summary>The tokens, where their probabilities were asked for.</summary>
    public IReadOnlyList<TokenLogProbability> Tokens => _tokens;

    /// <summary>How it ended; null while it has not.</summary>
    public ChatEvent.Finished? End { get; private set; }

    /// <summary>Why it ended, as OpenAI names it.</summary>
    public string FinishReason => ReasonOf(End!);

    /// <summary>Collects the answers to a request.</summary>
    /// <param name="call">Counts them.</param>
    /// <param name="replies">The answers.</param>
    public static async Task<Answer[]> CollectAsync(ModelCall call, IReadOnlyList<IAsyncEnumerable<ChatEvent>> replies)
    {
        Answer[] answers = [.. replies.Select(_ => new Answer())];
        try
        {
            await foreach (ChoiceEvent part in Choices.Merge(replies).ConfigureAwait(false))
            {
                answers[part.Index].Take(part.Event);
                if (part.Event is ChatEvent.Finished finished) call.Count(finished);
            }
        }
        catch (Exception exception)
        {
            ApiError error = call.Failed(exception);
            if (exception is OperationCanceledException && error.Status == 503) throw Draining.Refusal();
            throw;
        }

        return answers;
    }

    /// <summary>Takes the next event.</summary>
    public void Take(ChatEvent part)
    {
        switch (part)
        {
            case ChatEvent.Text text:
                _text.Append(text.Value);
                break;
            case ChatEvent.Reasoning reasoning:
                _reasoning.Append(reasoning.Value);
                break;
            case ChatEvent.ToolCall call:
                _calls.Add((call.Id, call.Name, new StringBuilder()));
                break;
            case ChatEvent.ToolArguments more:
                _calls[more.Index].Arguments.Append(more.Json);
                break;
            case ChatEvent.Drawn drawn:
                _tokens.AddRange(drawn.Tokens);
                break;
            case ChatEvent.Finished finished:
                End = finished;
                break;
        }
    }

    /// <summary>Why an answer ended, as OpenAI names it.</summary>
    public static string ReasonOf(ChatEvent.Finished finished) =>
        finished.Reason == ChatFinishReason.Length ? "length" : finished.Reason == ChatFinishReason.ToolCalls ? "tool_calls" : "stop";

    /// <summary>The tokens of all answers: each prompt once, as its answers share it.</summary>
    /// <param name="ends">The ends of the answers.</param>
    /// <param name="repeats">How many answers each prompt has; 0 where there is one prompt.</param>
    public static UsagePart UsageOf(IReadOnlyList<ChatEvent.Finished> ends, int repeats = 0)
    {
        UsageDetails[] prompts = [.. ends.Where((_, i) => repeats == 0 ? i == 0 : i % repeats == 0).Select(e => e.Usage)];
        long prompt = prompts.Sum(u => u.InputTokenCount ?? 0), answer = ends.Sum(e => e.Usage.OutputTokenCount ?? 0);
        return new UsagePart(prompt, answer, prompt + answer,
            new PromptTokensPart(prompts.Sum(u => u.CachedInputTokenCount ?? 0)), new CompletionTokensPart(ends.Sum(e => e.Usage.ReasoningTokenCount ?? 0)));
    }

    /// <summary>How fast an answer was.</summary>
    public static TimingsPart TimingsOf(ReplyTimings its)
    {
        int read = its.PromptTokens - its.CachedTokens;
        double readMs = Math.Round(its.PromptSeconds * 1000, 3), saidMs = Math.Round(its.AnswerSeconds * 1000, 3);
        return new TimingsPart(its.CachedTokens, read, readMs, Ratio(readMs, read), Ratio(read, its.PromptSeconds), its.AnswerTokens, saidMs, Ratio(saidMs, its.AnswerTokens - 1), Math.Round(its.TokensPerSecond, 3));
    }

    /// <summary>The probabilities of tokens; null where none were asked for.</summary>
    public static LogprobsPart? LogprobsOf(IReadOnlyList<TokenLogProbability> tokens, bool asked) => asked ? new LogprobsPart([.. tokens.Select(LogprobOf)]) : null;

    /// <summary>The probability of a token, with its alternatives.</summary>
    public static TokenLogprob LogprobOf(TokenLogProbability token) => PartOf(token, isAlternative: false);

    private static TokenLogprob PartOf(TokenLogProbability token, bool isAlternative) => new(
        Encoding.UTF8.GetString(token.Bytes), Math.Max(token.LogProbability, -9999), [.. token.Bytes.Select(b => (int)b)],
        isAlternative ? null : [.. token.Alternatives.Select(a => PartOf(a, isAlternative: true))]);

    private static double Ratio(double of, double by) => by > 0 ? Math.Round(of / by, 3) : 0;
}
