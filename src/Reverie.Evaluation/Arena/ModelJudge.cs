using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// A model that compares two replies and ends with <c>[[A]]</c>, <c>[[B]]</c> or <c>[[C]]</c> for a tie, as in MT-Bench (arXiv 2306.05685). It is
/// asked in both orders, because judges prefer a place; a reply wins only when it wins in both, else it is a tie.
/// </summary>
/// <param name="generator">The judge's engine.</param>
/// <param name="tokenizer">The judge's tokenizer.</param>
/// <param name="maxTokens">Longest verdict; less where the judge's context is not twice as long.</param>
public sealed class ModelJudge(Generator generator, Tokenizer tokenizer, int maxTokens = 512) : IArenaJudge
{
    /// <inheritdoc/>
    public double[] Judge(IReadOnlyList<ArenaMatch> matches, CancellationToken cancellation)
    {
        var sampling = new SamplingOptions { Temperature = 0, MaxTokens = Math.Min(maxTokens, generator.ContextLength / 2) };
        GenerationRequest[] requests = [.. matches.SelectMany(m => new[] { Ask(m.Item, m.First, m.Second), Ask(m.Item, m.Second, m.First) })
            .Select(prompt => new GenerationRequest(tokenizer.ChatTemplate.Render(prompt, addGenerationPrompt: true).Tokens, sampling) { Cancellation = cancellation })];
        string[] verdicts = [.. generator.RunToEnd(requests).Select(g => g.Text)];
        cancellation.ThrowIfCancellationRequested();
        return [.. Enumerable.Range(0, matches.Count).Select(i => Combine(Read(verdicts[2 * i]), Read(verdicts[2 * i + 1])))];
    }

    /// <summary>What the judge is asked.</summary>
    internal static IReadOnlyList<Message> Ask(TaskItem item, Trace a, Trace b) =>
    [
        new Message(Role.System,
            "You compare the replies of two assistants to the same conversation. Judge which one does better what the user wants: correct, helpful, to the point. "
            + "The order of the replies and their length mean nothing. Say in a few words why, then end with your verdict: [[A]] if reply A is better, [[B]] if reply B is better, [[C]] if they are equally good."),
        new Message(Role.User,
            $"The conversation:\n{string.Join('\n', item.Prompt.Select(m => $"{m.Role}: {m.Content}"))}\n\nReply A:\n{a.ReplyText}\n\nReply B:\n{b.ReplyText}"),
    ];

    /// <summary>1 for A, 0 for B, a half for C, NaN for no verdict.</summary>
    internal static double Read(string verdict) =>
        verdict.Contains("[[A]]", StringComparison.Ordinal) ? 1
        : verdict.Contains("[[B]]", StringComparison.Ordinal) ? 0
        : verdict.Contains("[[C]]", StringComparison.Ordinal) ? 0.5
        : double.NaN;

    /// <summary>The verdict of both orders; the second one is about the replies the other way round.</summary>
    internal static double Combine(double verdict, double swapped)
    {
        if (double.IsNaN(verdict) && double.IsNaN(swapped)) return double.NaN;
        return verdict == 1 - swapped ? verdict : 0.5;
    }
}
