namespace Reverie.Evaluation;

/// <summary>A player's place on the ladder.</summary>
/// <param name="Player">The player.</param>
/// <param name="Rating">Bradley-Terry rating: 1000 on average, 400 points for ten to one.</param>
/// <param name="Low">Lower end of its 95% interval.</param>
/// <param name="High">Upper end.</param>
/// <param name="Wins">Games won.</param>
/// <param name="Ties">Games without a winner.</param>
/// <param name="Losses">Games lost.</param>
public sealed record ArenaRating(string Player, double Rating, double Low, double High, int Wins, int Ties, int Losses);
