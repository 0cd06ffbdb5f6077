using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

/// <summary>Traces with given rewards and log-probabilities, played through a real episode.</summary>
internal static class Tries
{
    public static Tokenizer Tokenizer { get; } = Tokenizer.Train(["add one and two; what is it? it is three."], 300);

    /// <summary>One turn of as many tokens as there are log-probabilities.</summary>
    public static CreditedTrace Of(double reward, params float[] logs) => Turns([reward], logs);

    /// <summary>One turn of <paramref name="tokens"/> tokens, each with log p = -1.</summary>
    public static CreditedTrace OfLength(double reward, int tokens) => Turns([reward], [.. Enumerable.Repeat(-1f, tokens)]);

    /// <summary>One turn that was cut off.</summary>
    public static CreditedTrace Cut(params float[] logs) => new(Episode.Play(new Steps([1]), new Drawing([logs], cut: true), Tokenizer));

    /// <summary>A turn whose reward throws.</summary>
    public static CreditedTrace Failed(params float[] logs) => new(Episode.Play(new Steps([]), new Drawing([logs], false), Tokenizer));

    /// <summary>Several turns, each with its own reward.</summary>
    public static CreditedTrace Turns(double[] rewards, params float[][] logs) => new(Episode.Play(new Steps(rewards), new Drawing(logs, false), Tokenizer));

    public static TraceGroup Group(params CreditedTrace[] traces) => new(traces);

    /// <summary>Assigns and checks what must hold for every rule: only the actor's tokens have weights, and all are finite.</summary>
    public static void Assign(ICredit rule, params TraceGroup[] groups)
    {
        rule.Assign(groups);
        foreach (CreditedTrace trace in groups.SelectMany(g => g.Traces))
        {
            var actor = trace.ActorTokens.ToHashSet();
            foreach (float[] channel in new[] { trace.Ce, trace.Rl, trace.Kl, trace.ValueWeights })
                for (int t = 0; t < channel.Length; t++) Assert.True(actor.Contains(t) ? float.IsFinite(channel[t]) : channel[t] == 0, $"{rule.Name}: token {t} has {channel[t]}");
            if (trace.Trace.Stop == TraceStop.Failed) Assert.False(trace.IsCredited);
        }
    }

    /// <summary>The numbers of the actor's tokens.</summary>
    public static float[] Own(this CreditedTrace trace, float[] channel) => [.. trace.ActorTokens.Select(t => channel[t])];

    /// <summary>Numbers by token, given for the actor's tokens and 0 elsewhere.</summary>
    public static float[] Spread(this CreditedTrace trace, params float[] own)
    {
        float[] channel = new float[trace.Old.Length];
        for (int i = 0; i < own.Length; i++) channel[trace.ActorTokens[i]] = own[i];
        return channel;
    }

    public static void Near(double[] expected, float[] actual, double tolerance = 1e-6)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance, $"{i}: {expected[i]} expected, {actual[i]} found");
    }

    /// <summary>A world of as many turns as rewards; without any it throws.</summary>
    internal sealed record Steps(double[] Rewards) : TaskItem
    {
        public override IReadOnlyList<Message> Prompt => [new Message(Role.User, "what is it?")];

        public override IActor Expert => new Script("three");

        public override IWorld Open() => new World(Rewards, 0);

        private sealed class World(double[] rewards, int step) : IWorld
        {
            private int _step = step;

            public ulong Hash => (ulong)_step;

            public IReadOnlyList<Message> Reset()
            {
                _step = 0;
                return [new Message(Role.User, "what is it?")];
            }

            public StepResult Step(string turn)
            {
                double reward = rewards[_step++];
                return new StepResult([new Message(Role.User, "and then?")], _step == rewards.Length, [new Score(Score.Reward, reward, _step - 1), new Score("length", turn.Length)]);
            }

            public IWorld Fork() => new World(rewards, _step);
        }
    }

    private sealed class Drawing(float[][] logs, bool cut) : IActor
    {
        public ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel)
        {
            float[] own = logs[trace.TurnCount];
            int[] tokens = [.. own.Select((_, i) => 40 + i)];
            if (!cut && tokens.Length > 0) tokens[^1] = Tokenizer.MessageEnd;
            return new(new Turn("three", tokens, own, cut));
        }
    }
}
