using System.Globalization;
using System.Text;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>Traces as people read them.</summary>
public static class TraceText
{
    private const string Indent = "             ";

    /// <summary>What was said turn by turn, with the number of tokens and the mean log-probability of the actor's turns, then scores and the end.</summary>
    public static string Of(Trace trace)
    {
        var text = new StringBuilder();
        text.AppendJoin(" · ", new[] { trace.TaskSet, trace.Item, trace.Model }.Where(part => part.Length > 0)).Append(CultureInfo.InvariantCulture, $" (seed {trace.Seed})\n");
        var drawn = new Queue<(int Tokens, double LogP)>(Drawn(trace));
        int turn = 0;
        for (int i = 0; i < trace.Messages.Count; i++)
        {
            Message message = trace.Messages[i];
            bool isTurn = i >= trace.PromptMessages && message.Role == Role.Assistant;
            text.Append(isTurn ? turn.ToString(CultureInfo.InvariantCulture).PadRight(3) : "   ").Append(message.Role.ToString().ToLowerInvariant().PadRight(Indent.Length - 3));
            text.Append(message.Content.ReplaceLineEndings("\n" + Indent));
            if (isTurn && drawn.TryDequeue(out (int Tokens, double LogP) numbers)) text.Append(CultureInfo.InvariantCulture, $"  [{numbers.Tokens} tokens{(numbers.LogP == 0 ? "" : $", log p {numbers.LogP:0.000}")}]");
            text.Append('\n');
            if (isTurn) AppendScores(trace.Scores.Where(s => s.Step == turn), Indent);
            if (isTurn) turn++;
        }

        AppendScores(trace.Scores.Where(s => s.Step < 0 || s.Step >= turn), "");
        text.Append(CultureInfo.InvariantCulture, $"{Ended(trace)}, {turn} turns, {trace.Tokens.Count} tokens, state {trace.FinalHash:x16}\n");
        return text.ToString();

        void AppendScores(IEnumerable<Score> scores, string indent)
        {
            string line = string.Join(" · ", scores.Select(s => string.Create(CultureInfo.InvariantCulture, $"{s.Name} {s.Value:0.###}")));
            if (line.Length > 0) text.Append(indent).Append(line).Append('\n');
        }
    }

    private static string Ended(Trace trace) => trace.Stop switch
    {
        TraceStop.None => "not over yet",
        TraceStop.Done => "done",
        TraceStop.Truncated => "cut off",
        TraceStop.OutOfTurns => "out of turns",
        _ => $"failed ({trace.Failure})",
    };

    // Spans of one author that follow one another are one turn: the template's frame, and what was drawn or forced between.
    private static IEnumerable<(int Tokens, double LogP)> Drawn(Trace trace)
    {
        int tokens = 0;
        double sum = 0;
        foreach (TraceSpan span in trace.Spans.Append(new TraceSpan(Role.User, 0, 0, false)))
        {
            if (span.Author != Role.Assistant)
            {
                if (tokens > 0) yield return (tokens, sum / tokens);
                (tokens, sum) = (0, 0);
            }
            else if (span.IsActor)
            {
                for (int i = 0; i < span.Length; i++) sum += trace.LogProbabilities[span.Start + i];
                tokens += span.Length;
            }
        }
    }
}
