using Reverie.Models;

namespace Reverie.Worlds.Tests.Traces;

public sealed class EpisodeTests
{
    [Fact]
    public void A_world_that_throws_marks_its_trace_and_the_others_go_on()
    {
        var item = new Echo();
        IReadOnlyList<Trace> traces = Episode.Run([Of(item, new Script("throw")), Of(item, new Script("end")), Of(new Echo { OpensBadly = true }, new Script("end"))]);
        Assert.Equal([TraceStop.Failed, TraceStop.Done, TraceStop.Failed], traces.Select(t => t.Stop));
        Assert.Equal("InvalidOperationException: asked to", traces[0].Failure);
        Assert.Equal(1, traces[1].Reward);
        Assert.Contains("cannot open", traces[2].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void An_actor_that_throws_marks_its_trace() =>
        Assert.Equal(TraceStop.Failed, Episode.Play(new Echo(), new Reflex(_ => throw new FormatException("no idea"))).Stop);

    [Fact]
    public void An_episode_ends_at_its_turns_and_at_its_context()
    {
        Trace turns = Episode.Play(new Echo(), new Script("on"), Small.Tokenizer, new Budget(Turns: 3));
        Assert.Equal((TraceStop.OutOfTurns, 3, 0.0), (turns.Stop, turns.TurnCount, turns.Reward));
        int perTurn = (turns.Tokens.Count - Episode.Play(new Echo(), new Script("on"), Small.Tokenizer, new Budget(Turns: 1)).Tokens.Count) / 2;
        Trace context = Episode.Play(new Echo(), new Script("on"), Small.Tokenizer, new Budget(Turns: 100, Context: perTurn * 5));
        Assert.Equal(TraceStop.OutOfTurns, context.Stop);
        Assert.InRange(context.Tokens.Count, perTurn * 5, perTurn * 6);
    }

    [Fact]
    public void A_turn_that_was_cut_off_never_reaches_the_world()
    {
        var item = new Echo();
        Trace trace = Episode.Play(item, new CutOff("end"));
        Assert.Equal((TraceStop.Truncated, 0.0), (trace.Stop, trace.Reward));
        Assert.Equal(item.Open().Hash, trace.FinalHash);
        Assert.Equal(trace.FinalHash, Episode.Replay(trace, item));
    }

    [Fact]
    public void What_the_other_side_says_is_the_users_and_the_world_may_hear_it()
    {
        var item = new Echo();
        Trace trace = Episode.Run([Of(item, new Script("ask", "end")) with { Partner = new Reflex(messages => $"{messages.Count} heard") }])[0];
        Assert.Equal([Role.User, Role.Assistant, Role.User, Role.Assistant], trace.Messages.Select(m => m.Role));
        Assert.Equal("2 heard", trace.Messages[2].Content);
        Assert.Equal(trace.FinalHash, Episode.Replay(trace, item));
        Assert.NotEqual(trace.FinalHash, Episode.Play(item, new Script("end")).FinalHash);
        Assert.Equal([(Role.Assistant, "start"), (Role.User, "ask"), (Role.Assistant, "2 heard"), (Role.User, "end")], trace.AsPartnerSees().Select(m => (m.Role, m.Content)));
        Assert.Equal(TraceStop.Failed, Episode.Play(item, new Script("ask")).Stop);
    }

    [Fact]
    public void A_cancellation_ends_all()
    {
        using var source = new CancellationTokenSource();
        source.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Episode.Run([Of(new Echo(), new Script("end"))], cancel: source.Token));
    }

    [Fact]
    public void Tokens_are_those_of_the_conversation_and_only_the_actors_are_its_own()
    {
        foreach (ITaskSet set in new ITaskSet[] { new CalendarTasks(), new ToolTasks(), new ServiceTasks() })
            foreach (TaskItem item in set.Tasks(Split.Train, 1).Take(5))
            {
                Trace trace = Episode.Play(item, item.Expert, Small.Tokenizer);
                Assert.Equal(Small.Tokenizer.ChatTemplate.Render(trace.Messages, false).Tokens, trace.Tokens);
                int next = 0;
                foreach (TraceSpan span in trace.Spans)
                {
                    Assert.Equal(next, span.Start);
                    next += span.Length;
                    Assert.True(span.Author == Role.Assistant || !span.IsActor);
                }

                Assert.Equal(trace.Tokens.Count, next);
                string[] own = [.. trace.Turns.Select(t => Small.Tokenizer.Decode([.. trace.Tokens.Skip(t.Start).Take(t.Length)]).Replace(SpecialToken.MessageEnd, "", StringComparison.Ordinal))];
                Assert.Equal(trace.Messages.Skip(trace.PromptMessages).Where(m => m.Role == Role.Assistant).Select(m => m.Content), own);
            }
    }

    [Fact]
    public void In_another_models_template_an_episode_goes_on_without_encoding_again()
    {
        Tokenizer tokenizer = Small.Tokenizer.With(new TokenizerSettings
        {
            ChatTemplate = "begin{% for m in messages %}<|im_start|>{{ 'observation' if m.role == 'tool' else m.role }}\n\n{{ m.content }}<|im_end|>{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n\n{% endif %}",
        });
        foreach (ITaskSet set in new ITaskSet[] { new CalendarTasks(), new ToolTasks(), new ServiceTasks() })
            foreach (TaskItem item in set.Tasks(Split.Train, 1).Take(5))
            {
                Trace trace = Episode.Play(item, item.Expert, tokenizer);
                Assert.Equal(tokenizer.ChatTemplate.Render(trace.Messages, false).Tokens, trace.Tokens);
                Assert.Equal(trace.TurnCount, trace.Turns.Count);
                Assert.Equal(tokenizer.MessageEnd, trace.Tokens[trace.Turns[^1].Start + trace.Turns[^1].Length - 1]);
            }
    }

    [Fact]
    public void A_world_forks_before_each_turn_and_both_go_on_alone()
    {
        foreach (ITaskSet set in new ITaskSet[] { new CalendarTasks(), new ToolTasks(), new ServiceTasks() })
            foreach (TaskItem item in set.Tasks(Split.Train, 2).Take(10))
            {
                Trace trace = Episode.Play(item, item.Expert);
                string[] turns = [.. trace.Messages.Skip(trace.PromptMessages).Where(m => m.Role == Role.Assistant).Select(m => m.Content)];
                for (int at = 0; at < turns.Length; at++)
                {
                    IWorld world = item.Open();
                    world.Reset();
                    foreach (string turn in turns[..at]) world.Step(turn);
                    IWorld other = world.Fork();
                    other.Step(ToolCall.Write("list"));
                    other.Step(ToolCall.Write("transfer"));
                    double reward = turns[at..].Sum(turn => world.Step(turn).Scores.Where(s => s.Name == Score.Reward).Sum(s => s.Value));
                    Assert.Equal(1, reward);
                    Assert.Equal(trace.FinalHash, world.Hash);
                    Assert.NotEqual(world.Hash, other.Hash);
                }
            }
    }

    private static Episode Of(TaskItem item, IActor actor) => new("echo", "0", item, actor, 0);

    /// <summary>Does what its turns say.</summary>
    private sealed record Echo : TaskItem
    {
        public bool OpensBadly { get; init; }

        public override IReadOnlyList<Message> Prompt => [new Message(Role.User, "start")];

        public override IActor Expert => new Script("end");

        public override IWorld Open() => OpensBadly ? throw new InvalidOperationException("cannot open") : new World(Prompt, "");
    }

    private sealed class World(IReadOnlyList<Message> prompt, string seen) : IWorld, IHearsPartner
    {
        private string _seen = seen;

        public ulong Hash => StateHash.Of(_seen);

        public IReadOnlyList<Message> Reset()
        {
            _seen = "";
            return prompt;
        }

        public StepResult Step(string turn)
        {
            _seen += "|" + turn;
            return turn switch
            {
                "throw" => throw new InvalidOperationException("asked to"),
                "end" => StepResult.End(1),
                "ask" => StepResult.ToPartner,
                _ => StepResult.Tool("and " + turn),
            };
        }

        public void Hear(string text) => _seen += "<" + text;

        public IWorld Fork() => new World(prompt, _seen);
    }

    private sealed class CutOff(string text) : IActor
    {
        public ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel) => new(new Turn(text, IsTruncated: true));
    }
}
