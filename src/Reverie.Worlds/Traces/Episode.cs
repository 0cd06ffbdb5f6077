using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>One episode to be played.</summary>
/// <param name="TaskSet">The task set's name.</param>
/// <param name="Id">Which of its tasks.</param>
/// <param name="Item">The task.</param>
/// <param name="Actor">Who acts.</param>
/// <param name="Seed">The seed of the actor's draws.</param>
public sealed record Episode(string TaskSet, string Id, TaskItem Item, IActor Actor, ulong Seed)
{
    /// <summary>Who answers what is said to the other side, in place of the task's own partner.</summary>
    public IActor? Partner { get; init; }

    /// <summary>Where in another episode this one begins; null for the start of the task.</summary>
    public Branch? From { get; init; }

    /// <summary>Plays an episode in which no model acts.</summary>
    /// <param name="item">The task.</param>
    /// <param name="actor">A script.</param>
    /// <param name="tokenizer">For the tokens; null for text alone.</param>
    /// <param name="budget">Limits.</param>
    public static Trace Play(TaskItem item, IActor actor, Tokenizer? tokenizer = null, Budget? budget = null) =>
        Run([new Episode("", "", item, actor, 0)], tokenizer, budget)[0];

    /// <summary>
    /// Plays episodes side by side to their ends. Whenever all of them wait for a model, the models' engines take a step; a turn that
    /// ends steps its world at once, so that no episode waits for another.
    /// </summary>
    /// <param name="episodes">What is played.</param>
    /// <param name="tokenizer">For the tokens; null for text alone.</param>
    /// <param name="budget">Limits.</param>
    /// <param name="engines">The engines of the models among the actors.</param>
    /// <param name="cancel">Ends all.</param>
    /// <returns>The traces in the order of the episodes, the same whatever the number of threads.</returns>
    /// <exception cref="OperationCanceledException">The cancellation was asked for.</exception>
    public static IReadOnlyList<Trace> Run(
        IReadOnlyList<Episode> episodes, Tokenizer? tokenizer = null, Budget? budget = null, IReadOnlyList<Generator>? engines = null, CancellationToken cancel = default)
    {
        budget ??= new Budget();
        var running = new Task<Trace>[episodes.Count];
        for (int i = 0; i < running.Length; i++) running[i] = episodes[i].PlayAsync(tokenizer, budget, cancel);
        while (true)
        {
            // The engines know best whether anyone still waits: asking thousands of tasks at every step would cost more than the step.
            bool busy = false;
            foreach (Generator engine in engines ?? []) busy |= engine.Step();
            if (busy) continue;
            if (Array.Find(running, task => !task.IsCompleted) is { } task)
            {
                // A person, or another process.
                task.Wait(cancel);
                continue;
            }

            cancel.ThrowIfCancellationRequested();
            return [.. running.Select(t => t.GetAwaiter().GetResult())];
        }
    }

    /// <summary>Plays a trace's turns again in a fresh world.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="item">Its task.</param>
    /// <returns>The hash of the world at the end, which must be the trace's.</returns>
    public static ulong Replay(Trace trace, TaskItem item)
    {
        IWorld world = item.Open();
        world.Reset();
        IEnumerable<Message> played = trace.Messages.Skip(trace.PromptMessages);
        if (trace.Stop == TraceStop.Truncated) played = played.SkipLast(1);
        foreach (Message message in played)
            if (message.Role == Role.Assistant) world.Step(message.Content);
            else if (message.Role == Role.User && world is IHearsPartner hearing) hearing.Hear(message.Content);
        return world.Hash;
    }

    private async Task<Trace> PlayAsync(Tokenizer? tokenizer, Budget budget, CancellationToken cancel)
    {
        IActor? partner = Partner ?? Item.Partner;
        Trace trace = From?.Trace.Before(From.Turn, Seed, tokenizer) ?? new Trace(TaskSet, Id, Seed, tokenizer);
        try
        {
            IWorld world = From?.World.Fork() ?? Item.Open();
            if (From is null) trace.Open(world.Reset());
            while (true)
            {
                Turn turn = await Actor.Act(trace, budget, cancel).ConfigureAwait(false);
                trace.Append(turn);
                if (turn.IsTruncated)
                {
                    trace.End(TraceStop.Truncated, world.Hash);
                    break;
                }

                StepResult result = world.Step(turn.Text);
                trace.Add(result.Scores);
                IReadOnlyList<Message> seen = result.Messages;
                if (!result.Done && seen.Count == 0)
                {
                    if (partner is null) throw new InvalidOperationException("The world waits for the other side and there is none.");
                    Turn said = await partner.Act(trace, budget, cancel).ConfigureAwait(false);
                    seen = [new Message(Role.User, said.Text)];
                    if (world is IHearsPartner hearing) hearing.Hear(said.Text);
                }

                if (!result.Done) trace.Observe(seen);
                TraceStop stop = result.Done ? TraceStop.Done
                    : trace.TurnCount >= budget.Turns || trace.Tokens.Count >= budget.Context ? TraceStop.OutOfTurns
                    : TraceStop.None;
                if (stop == TraceStop.None) continue;
                trace.End(stop, world.Hash);
                break;
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A reward that throws ends its episode, not the run.
            trace.End(TraceStop.Failed, 0, $"{e.GetType().Name}: {e.Message}");
        }

        return trace;
    }
}

/// <summary>A world whose state depends on what the other side says.</summary>
public interface IHearsPartner
{
    /// <summary>Takes what the other side said.</summary>
    void Hear(string text);
}
