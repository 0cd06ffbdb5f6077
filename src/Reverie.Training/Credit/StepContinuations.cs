using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Measures <see cref="CreditedTrace.StepValues"/>: forks the world before each of the actor's turns and plays on from there, all branches of
/// all traces side by side. The start of a task needs no branches: the other tries of its group are such continuations already.
/// </summary>
public static class StepContinuations
{
    /// <summary>Fills the step values of all sound traces.</summary>
    /// <param name="tasks">Groups and their tasks.</param>
    /// <param name="actor">Who continues: the policy itself.</param>
    /// <param name="continuations">K, how often each turn is played on; at least 1.</param>
    /// <param name="tokenizer">For the tokens.</param>
    /// <param name="budget">Limits of a whole episode, the kept turns included.</param>
    /// <param name="engines">The engines of the models among the actors.</param>
    /// <param name="cancel">Ends all.</param>
    /// <returns>The continuations: what they cost counts as sampled too.</returns>
    public static IReadOnlyList<Trace> Fill(IReadOnlyList<(TraceGroup Group, TaskItem Item)> tasks, IActor actor, int continuations, Tokenizer? tokenizer = null,
        Budget? budget = null, IReadOnlyList<Generator>? engines = null, CancellationToken cancel = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(continuations, 1);
        var places = new List<(CreditedTrace Trace, int Turn, double Reward)>();
        var episodes = new List<Episode>();
        foreach ((TraceGroup group, TaskItem item) in tasks)
        {
            CreditedTrace[] sound = [.. group.Traces.Where(t => t.IsSound)];
            foreach (CreditedTrace credited in sound)
            {
                Trace trace = credited.Trace;
                credited.StepValues = new double[trace.TurnCount];
                if (sound.Length > 1) credited.StepValues[0] = sound.Where(t => t != credited).Average(t => t.Trace.Reward);
                foreach ((Branch branch, double reward) in Branch.Of(trace, item).Skip(sound.Length > 1 ? 1 : 0))
                {
                    places.Add((credited, branch.Turn, reward));
                    for (int k = 0; k < continuations; k++)
                        episodes.Add(new Episode(trace.TaskSet, trace.Item, item, actor, SeedOf(trace.Seed, branch.Turn, k)) { From = branch });
                }
            }
        }

        IReadOnlyList<Trace> played = Episode.Run(episodes, tokenizer, budget, engines, cancel);
        for (int i = 0; i < places.Count; i++)
        {
            // Where all continuations failed the value is not a number, and the trace is left out.
            (CreditedTrace trace, int turn, double reward) = places[i];
            trace.StepValues![turn] = reward + played.Skip(i * continuations).Take(continuations).Where(t => t.Stop != TraceStop.Failed).Select(t => t.Reward).DefaultIfEmpty(double.NaN).Average();
        }

        return played;
    }

    // Another stream of draws than the episode's own, or the continuation would repeat it.
    private static ulong SeedOf(ulong seed, int turn, int k) => unchecked(((((seed * 6364136223846793005) + (ulong)turn + 1) * 6364136223846793005) + (ulong)k + 1) * 6364136223846793005);
}
