using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training.Tests;

public sealed class StepContinuationTests : IDisposable
{
    private const int Turns = 3;

    private readonly IKernels _kernels = CpuKernels.Create(1);
    private readonly Transformer _model = new(new TransformerConfig
    {
        VocabularySize = Tries.Tokenizer.VocabularySize,
        Width = 32,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDimension = 8,
        FeedForward = 48,
        ContextLength = 256,
    });

    private readonly Generator _engine;

    public StepContinuationTests()
    {
        _model.Initialize(3, embeddingDeviation: 0.1f, outputScale: 0.5f);
        _engine = new Generator(_model, Tries.Tokenizer, _kernels);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _model.Dispose();
        _kernels.Dispose();
    }

    private static Budget Limits { get; } = new(Turns, 12);

    private Ending Actor => new(new ModelActor(_engine, new SamplingOptions()));

    private Trace[] Sample(int count) =>
        [.. Episode.Run([.. Enumerable.Range(0, count).Select(i => new Episode("letters", "0", new Letters(), Actor, (ulong)i))], Tries.Tokenizer, Limits, [_engine])];

    [Fact]
    public void An_episode_branched_with_its_own_seed_goes_the_same_way()
    {
        Trace[] traces = Sample(8);
        int branches = 0;
        foreach (Trace trace in traces)
        {
            foreach ((Branch branch, double reward) in Branch.Of(trace, new Letters()))
            {
                Trace again = Episode.Run([new Episode("letters", "0", new Letters(), Actor, trace.Seed) { From = branch }], Tries.Tokenizer, Limits, [_engine])[0];
                Assert.Equal(trace.Tokens, again.Tokens);
                Assert.Equal(trace.LogProbabilities, again.LogProbabilities);
                Assert.Equal(trace.Spans, again.Spans);
                Assert.Equal(trace.Turns, again.Turns);
                Assert.Equal(trace.Messages, again.Messages);
                Assert.Equal((trace.FinalHash, trace.Stop, trace.TurnCount), (again.FinalHash, again.Stop, again.TurnCount));
                Assert.Equal(trace.Reward, reward + again.Reward, 12);
                branches++;
            }
        }

        Assert.True(branches > 8, "some episode should have had a second turn");
    }

    [Fact]
    public void Steps_are_the_turns_with_their_frame()
    {
        foreach (Trace trace in Sample(4))
        {
            Assert.Equal(trace.TurnCount, trace.Steps.Count);
            Assert.All(trace.Turns, turn => Assert.Single(trace.Steps, s => s.Start < turn.Start && turn.Start + turn.Length <= s.Start + s.Length));
            Assert.Equal(Tries.Tokenizer.MessageStart, trace.Tokens[trace.Steps[0].Start]);
        }
    }

    [Fact]
    public void Step_values_are_the_means_of_continuations()
    {
        TraceGroup group = new(Sample(4));
        IReadOnlyList<Trace> played = StepContinuations.Fill([(group, new Letters())], Actor, 3, Tries.Tokenizer, Limits, [_engine]);
        Assert.Equal(group.Traces.Sum(t => t.Trace.TurnCount - 1) * 3, played.Count);
        int next = 0;
        for (int i = 0; i < group.Traces.Count; i++)
        {
            CreditedTrace trace = group.Traces[i];
            Assert.Equal(trace.Trace.TurnCount, trace.StepValues!.Length);
            // The start is worth what the others of the group got.
            Assert.Equal((group.Rewards.Sum() - trace.Trace.Reward) / 3, trace.StepValues[0], 12);
            IReadOnlyList<(Branch Branch, double Reward)> branches = Branch.Of(trace.Trace, new Letters());
            for (int turn = 1; turn < branches.Count; turn++, next += 3)
            {
                Trace[] own = [.. played.Skip(next).Take(3)];
                Assert.Equal(branches[turn].Reward + own.Average(t => t.Reward), trace.StepValues[turn], 12);
                // They keep the tokens so far and differ after them.
                int kept = trace.Trace.Steps[turn].Start;
                Assert.All(own, t => Assert.Equal(trace.Trace.Tokens.Take(kept), t.Tokens.Take(kept)));
                Assert.Equal(3, own.Select(t => string.Join(' ', t.Tokens)).Distinct().Count());
            }
        }

        Tries.Assign(new StepRewards(), group);
        CreditedTrace first = group.Traces[0];
        // What a trace's turns are worth adds up to what it got beyond what was expected at the start.
        double[] ends = [.. first.StepValues!.Skip(1), first.Trace.Reward];
        float[] weights = [.. first.Trace.Steps.Select(s => first.Rl.Skip(s.Start).Take(s.Length).FirstOrDefault(w => w != 0))];
        for (int k = 0; k < weights.Length; k++) Assert.Equal((ends[k] - first.StepValues![k]) / group.ActorTokens, weights[k], 1e-6);
    }

    [Fact]
    public void A_try_alone_has_its_start_measured_too()
    {
        TraceGroup group = new(Sample(1));
        Assert.Equal(group.Traces[0].Trace.TurnCount * 2, StepContinuations.Fill([(group, new Letters())], Actor, 2, Tries.Tokenizer, Limits, [_engine]).Count);
    }

    [Fact]
    public void Scoring_again_gives_the_samplers_probabilities_to_the_bit()
    {
        CreditedTrace[] traces = [.. Sample(6).Select(t => new CreditedTrace(t))];
        var batch = new TraceBatch();
        batch.FillForScoring(traces);
        using var scorer = new Learner(_model, _kernels);
        batch.Read(scorer.Score(batch.Batch), (trace, current) => Assert.All(trace.ActorTokens, t => Assert.Equal(trace.Old[t], current[t])));
    }

    /// <summary>An untrained model hardly ever ends a turn: most turns that are full count as ended.</summary>
    private sealed class Ending(ModelActor model) : IActor
    {
        public async ValueTask<Turn> Act(Trace trace, Budget budget, CancellationToken cancel)
        {
            Turn turn = await model.Act(trace, budget, cancel);
            return turn with { IsTruncated = turn.IsTruncated && turn.Tokens!.Sum() % 5 == 0 };
        }
    }

    /// <summary>Three turns; each earns a half where the sum of its letters and of those before is odd, so that chance decides.</summary>
    private sealed record Letters : TaskItem
    {
        public override IReadOnlyList<Message> Prompt => [new Message(Role.User, "say e")];

        public override IActor Expert => new Reverie.Worlds.Script("e");

        public override IWorld Open() => new World(0, 0);

        private sealed class World(int step, int state) : IWorld
        {
            private int _step = step, _state = state;

            public ulong Hash => StateHash.Of(_state.ToString(System.Globalization.CultureInfo.InvariantCulture), _step.ToString(System.Globalization.CultureInfo.InvariantCulture));

            public IReadOnlyList<Message> Reset()
            {
                (_step, _state) = (0, 0);
                return [new Message(Role.User, "say e")];
            }

            public StepResult Step(string turn)
            {
                int letters = turn.Sum(c => c) + _state;
                (_step, _state) = (_step + 1, letters % 1000);
                return new StepResult([new Message(Role.User, "again")], _step == Turns, [new Score(Score.Reward, letters % 2 * 0.5)]);
            }

            public IWorld Fork() => new World(_step, _state);
        }
    }
}
