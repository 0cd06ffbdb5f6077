using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Accuracy against tokens: the same tasks under budgets of reasoning ("budget forcing", arXiv 2501.19393).</summary>
public static class BudgetCurve
{
    /// <summary>Plays the same tasks once for each budget.</summary>
    /// <param name="tasks">The task set.</param>
    /// <param name="split">Which of its tasks.</param>
    /// <param name="questions">How many.</param>
    /// <param name="budgets">Most tokens of reasoning; 0 answers at once.</param>
    /// <param name="isExact">Whether the reasoning is made exactly so long, instead of at most.</param>
    /// <param name="answerTokens">Tokens of a turn beside the reasoning.</param>
    /// <param name="sampling">How tokens are drawn.</param>
    /// <param name="generator">The engine.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <param name="samples">Replies to each task.</param>
    /// <param name="seed">Which tasks, and the draws.</param>
    /// <param name="onPoint">Called after each budget.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>A point for each budget, in their order.</returns>
    /// <exception cref="ReverieException">The tokenizer has no tokens for reasoning, or a budget does not fit into the context.</exception>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public static IReadOnlyList<BudgetPoint> Measure(
        ITaskSet tasks, Split split, int questions, IReadOnlyList<int> budgets, bool isExact, int answerTokens, SamplingOptions sampling, Generator generator, Tokenizer tokenizer,
        int samples = 1, ulong seed = 2, Action<BudgetPoint>? onPoint = null, CancellationToken cancellation = default)
    {
        var points = new List<BudgetPoint>();
        foreach (int budget in budgets)
        {
            if (isExact && budget + answerTokens > generator.ContextLength)
                throw new ReverieException($"{budget} tokens of reasoning and {answerTokens} of the answer do not fit into the model's context of {generator.ContextLength}. Choose smaller budgets.");
            var actor = new ModelActor(generator, sampling with { Thinking = new ThinkingBudget(isExact ? budget : 0, budget) });
            var run = ExamRun.Play(tasks, split, questions, actor, [generator], tokenizer, samples, seed, new Budget(TokensPerTurn: budget + answerTokens), cancellation);
            Trace[] traces = [.. run.Traces.SelectMany(t => t)];
            var point = new BudgetPoint(budget, traces.Average(t => (double)t.WrittenTokens), traces.Average(t => (double)Thought(t, tokenizer)),
                traces.Count(t => t.Stop == TraceStop.Truncated) / (double)traces.Length, run.Task().Metrics);
            points.Add(point);
            onPoint?.Invoke(point);
        }

        return points;
    }

    /// <summary>Tokens that stand between the tags of reasoning in the turns of the actor.</summary>
    private static int Thought(Trace trace, Tokenizer tokenizer)
    {
        int count = 0;
        bool isThinking = false;
        foreach (TraceSpan span in trace.Spans.Where(s => s.Author == Role.Assistant))
        {
            for (int i = span.Start; i < span.Start + span.Length; i++)
            {
                int token = trace.Tokens[i];
                if (token == tokenizer.ThinkStart || token == tokenizer.ThinkEnd || token == tokenizer.MessageEnd) isThinking = token == tokenizer.ThinkStart;
                else if (isThinking) count++;
            }
        }

        return count;
    }
}
