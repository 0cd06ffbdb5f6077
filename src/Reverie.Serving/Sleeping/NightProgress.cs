namespace Reverie.Serving;

/// <summary>How far a night has come.</summary>
/// <param name="Owner">Whose.</param>
/// <param name="Phase">What goes on, in words.</param>
/// <param name="Share">The share that is done, from 0 to 1; NaN where that is not known.</param>
/// <param name="CanStop">Whether <see cref="Nights.Stop"/> ends it: what learns, and not what forgets.</param>
public sealed record NightProgress(string Owner, string Phase, double Share, bool CanStop);
