namespace Reverie.Evaluation;

/// <summary>A figure with its uncertainty.</summary>
/// <param name="Value">The statistic of the sample itself.</param>
/// <param name="StandardError">Standard deviation over the resamples.</param>
/// <param name="Low">Lower end of the interval, by percentile.</param>
/// <param name="High">Its upper end.</param>
public sealed record BootstrapEstimate(double Value, double StandardError, double Low, double High);
