namespace Reverie.Evaluation;

/// <summary>One comparison of two players.</summary>
/// <param name="First">Index of a player.</param>
/// <param name="Second">Index of the other.</param>
/// <param name="Score">1 where the first won, 0 where the second did, a half for a tie.</param>
public readonly record struct ArenaGame(int First, int Second, double Score);
