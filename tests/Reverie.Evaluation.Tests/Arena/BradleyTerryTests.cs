namespace Reverie.Evaluation.Tests;

public class BradleyTerryTests
{
    [Fact]
    public void Two_players_are_apart_by_the_log_of_their_odds()
    {
        // Three wins to one: odds 3, so 400 log10(3) points.
        double[] ratings = BradleyTerry.Fit([new(0, 1, 1), new(1, 0, 0), new(0, 1, 1), new(0, 1, 0)], 2);
        Assert.Equal(400 * Math.Log10(3), ratings[0] - ratings[1], 1);
        Assert.Equal(1000, ratings.Average(), 9);
        Assert.Equal(0.75, BradleyTerry.WinProbability(ratings[0], ratings[1]), 3);
    }

    [Fact]
    public void A_tie_is_half_a_win_for_each()
    {
        double[] ties = BradleyTerry.Fit([new(0, 1, 0.5), new(0, 1, 0.5)], 2);
        Assert.Equal(ties[0], ties[1], 6);
        double[] ratings = BradleyTerry.Fit([new(0, 1, 1), new(0, 1, 0.5)], 2);
        Assert.Equal(400 * Math.Log10(3), ratings[0] - ratings[1], 1);
    }

    [Fact]
    public void Ratings_are_consistent_over_a_chain_of_players()
    {
        // 0 beats 1 two to one, 1 beats 2 two to one; 0 and 2 never met.
        double[] ratings = BradleyTerry.Fit([new(0, 1, 1), new(0, 1, 1), new(0, 1, 0), new(1, 2, 1), new(1, 2, 1), new(1, 2, 0)], 3);
        Assert.Equal(400 * Math.Log10(2), ratings[0] - ratings[1], 1);
        Assert.Equal(400 * Math.Log10(4), ratings[0] - ratings[2], 1);
    }

    [Fact]
    public void Who_never_loses_has_a_finite_rating()
    {
        double[] ratings = BradleyTerry.Fit([.. Enumerable.Range(0, 100).Select(_ => new ArenaGame(0, 1, 1))], 2);
        Assert.InRange(ratings[0] - ratings[1], 400, 5000);
        Assert.Equal([1000, 1000, 1000], BradleyTerry.Fit([], 3));
    }
}
