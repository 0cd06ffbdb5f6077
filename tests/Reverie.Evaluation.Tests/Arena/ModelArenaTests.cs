using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation.Tests;

public class ModelArenaTests(SmallModel model) : IClassFixture<SmallModel>
{
    private static readonly Question Asked = new([new Message(Role.User, "Is it?")], "yes", reply => reply == "yes" ? 1 : reply == "perhaps" ? 0.5 : 0);

    [Fact]
    public void The_verifier_orders_players_by_the_tasks_own_scores()
    {
        TaskItem[] items = [.. Enumerable.Repeat(Asked, 20)];
        ModelArena arena = ModelArena.Play(["no", "yes", "perhaps"], items, [Same("no"), Same("yes"), Same("perhaps")], new VerifierJudge(), 1);
        Assert.Equal(60, arena.Games.Count);
        IReadOnlyList<ArenaRating> ladder = arena.Ladder(1, rounds: 50);
        Assert.Equal(["yes", "perhaps", "no"], ladder.Select(r => r.Player));
        Assert.Equal((40, 0, 0), (ladder[0].Wins, ladder[0].Ties, ladder[0].Losses));
        Assert.Equal((20, 0, 20), (ladder[1].Wins, ladder[1].Ties, ladder[1].Losses));
        Assert.Equal(ladder, arena.Ladder(1, rounds: 50));
    }

    [Fact]
    public void Intervals_hold_the_rating_and_shrink_with_more_games()
    {
        double Width(int count)
        {
            TaskItem[] items = [.. Enumerable.Repeat(Asked, count)];
            Trace[] mixed = [.. Enumerable.Range(0, count).Select(i => Trace(i % 3 == 0 ? "no" : "yes"))], other = [.. Enumerable.Range(0, count).Select(i => Trace(i % 2 == 0 ? "no" : "yes"))];
            ArenaRating best = ModelArena.Play(["a", "b"], items, [mixed, other], new VerifierJudge(), 1).Ladder(1, rounds: 200)[0];
            Assert.InRange(best.Rating, best.Low, best.High);
            return best.High - best.Low;
        }

        Assert.True(Width(600) < Width(60) / 2);
    }

    [Fact]
    public void Replies_are_shown_in_a_drawn_order()
    {
        var judge = new AlwaysFirst();
        ModelArena arena = ModelArena.Play(["a", "b"], [.. Enumerable.Repeat(Asked, 100)], [Same("yes", 100), Same("no", 100)], judge, 1);
        Assert.InRange(arena.Games.Count(g => g.First == 0), 30, 70);
        Assert.Throws<ReverieException>(() => ModelArena.Play(["a"], [Asked], [Same("yes")], judge, 1));
    }

    [Theory]
    [InlineData("B is wrong. [[A]]", 1)]
    [InlineData("[[B]]", 0)]
    [InlineData("Equal. [[C]]", 0.5)]
    [InlineData("A", double.NaN)]
    public void Verdicts_are_read_in_double_brackets(string text, double verdict) => Assert.Equal(verdict, ModelJudge.Read(text));

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(0, 1, 0)]
    [InlineData(1, 1, 0.5)]
    [InlineData(0.5, 0, 0.5)]
    [InlineData(0.5, 0.5, 0.5)]
    [InlineData(1, double.NaN, 0.5)]
    [InlineData(double.NaN, double.NaN, double.NaN)]
    public void A_reply_wins_only_when_it_wins_in_both_orders(double verdict, double swapped, double combined) => Assert.Equal(combined, ModelJudge.Combine(verdict, swapped));

    [Fact]
    public void A_model_that_gives_no_verdict_leaves_the_game_undecided()
    {
        using var generator = new Generator(model.Transformer, SmallModel.Tokenizer, model.Kernels);
        ModelArena arena = ModelArena.Play(["a", "b"], [Asked], [Same("yes", 1), Same("no", 1)], new ModelJudge(generator, SmallModel.Tokenizer), 1);
        Assert.Empty(arena.Games);
        Assert.Equal(1, arena.Undecided);
        Assert.Empty(arena.Ladder(1));
    }

    private static Trace Trace(string reply) => Episode.Play(Asked, new Script(reply));

    private static Trace[] Same(string reply, int count = 20) => [.. Enumerable.Repeat(Trace(reply), count)];

    private sealed class AlwaysFirst : IArenaJudge
    {
        public double[] Judge(IReadOnlyList<ArenaMatch> matches, CancellationToken cancellation) => [.. matches.Select(_ => 1.0)];
    }
}
