using System.Text.Json;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Keeps an episode of RL now and then, with the credit of every token: <c>rollouts.jsonl</c>.</summary>
/// <param name="path">The file; lines are added.</param>
/// <param name="every">Steps between two.</param>
internal sealed class RolloutSamples(string path, int every = 5) : IRunListener
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public void RolledOut(StagePlan plan, int step, RolloutReport report)
    {
        if (step % every != 1 % every || report.Sample is not { } sample) return;
        File.AppendAllText(path, JsonSerializer.Serialize(new RolloutSample(step, sample.Trace.TaskSet, [.. Tokens(sample)], sample.Trace.Scores.GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.Sum(s => s.Value))), Json) + "\n");
    }

    public void StageStarted(StagePlan plan, int firstStep) { }

    public void Stepped(StagePlan plan, int step, in StepReport report) { }

    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) { }

    public void Sampled(StagePlan plan, int step, string text) { }

    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) { }

    // Weights are scaled to the largest of the episode: what a rule divides by is the same for all its tokens.
    private IEnumerable<RolloutToken> Tokens(CreditedTrace sample)
    {
        float largest = Math.Max(sample.Rl.Concat(sample.Ce).Max(Math.Abs), float.Epsilon);
        foreach (TraceSpan span in sample.Trace.Spans)
        {
            for (int i = span.Start; i < span.Start + span.Length; i++)
            {
                yield return new RolloutToken(sample.Trace.TextOf(i), span.IsActor ? "model" : span.Author.ToString().ToLowerInvariant(), (sample.Rl[i] + sample.Ce[i]) / largest);
            }
        }
    }
}
