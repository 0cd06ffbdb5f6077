using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Everyone against everyone on the same tasks: a ladder by Bradley-Terry with bootstrap intervals.</summary>
public sealed class ModelArena
{
    private readonly string[] _players;

    private ModelArena(string[] players, IReadOnlyList<ArenaGame> games, int undecided) => (_players, Games, Undecided) = (players, games, undecided);

    /// <summary>All games that have a verdict.</summary>
    public IReadOnlyList<ArenaGame> Games { get; }

    /// <summary>Games on which the judge gave none.</summary>
    public int Undecided { get; }

    /// <summary>Has every pair of players judged on every task. Who is shown first is drawn anew for each game.</summary>
    /// <param name="players">Their names.</param>
    /// <param name="items">The tasks.</param>
    /// <param name="traces">For each player what it did in each task.</param>
    /// <param name="judge">Who compares.</param>
    /// <param name="seed">Of the order in which replies are shown.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ReverieException">There are fewer than two players.</exception>
    /// <exception cref="OperationCanceledException">The token was set.</exception>
    public static ModelArena Play(IReadOnlyList<string> players, IReadOnlyList<TaskItem> items, IReadOnlyList<IReadOnlyList<Trace>> traces, IArenaJudge judge, ulong seed,
        CancellationToken cancellation = default)
    {
        if (players.Count < 2) throw new ReverieException("An arena needs two models or more. Name another one.");
        var random = new RandomStream(seed, "arena/order");
        var matches = new List<ArenaMatch>();
        var pairs = new List<(int First, int Second)>();
        for (int item = 0; item < items.Count; item++)
            for (int a = 0; a < players.Count; a++)
                for (int b = a + 1; b < players.Count; b++)
                {
                    (int first, int second) = random.Next(2) == 0 ? (a, b) : (b, a);
                    pairs.Add((first, second));
                    matches.Add(new ArenaMatch(items[item], traces[first][item], traces[second][item]));
                }

        double[] verdicts = judge.Judge(matches, cancellation);
        ArenaGame[] games = [.. pairs.Select((pair, i) => new ArenaGame(pair.First, pair.Second, verdicts[i])).Where(g => !double.IsNaN(g.Score))];
        return new ModelArena([.. players], games, matches.Count - games.Length);
    }

    /// <summary>The ladder, best first: ratings of all games, 95% intervals from resampled ones.</summary>
    /// <param name="seed">Of the resamples.</param>
    /// <param name="rounds">Number of resamples.</param>
    public IReadOnlyList<ArenaRating> Ladder(ulong seed, int rounds = 1000)
    {
        if (Games.Count == 0) return [];
        double[] ratings = BradleyTerry.Fit(Games, _players.Length);
        var random = new RandomStream(seed, "arena/bootstrap");
        double[][] resampled = new double[rounds][];
        var sample = new ArenaGame[Games.Count];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < sample.Length; i++) sample[i] = random.Pick(Games);
            resampled[round] = BradleyTerry.Fit(sample, _players.Length);
        }

        return [.. _players.Select((player, i) => Rate(player, i, ratings[i], [.. resampled.Select(r => r[i])])).OrderByDescending(r => r.Rating)];
    }

    private ArenaRating Rate(string player, int index, double rating, double[] resampled)
    {
        double[] scores = [.. Games.Where(g => g.First == index || g.Second == index).Select(g => g.First == index ? g.Score : 1 - g.Score)];
        return new ArenaRating(player, rating, Statistics.Percentile(resampled, 2.5), Statistics.Percentile(resampled, 97.5),
            scores.Count(s => s > 0.5), scores.Count(s => s == 0.5), scores.Count(s => s < 0.5));
    }
}
