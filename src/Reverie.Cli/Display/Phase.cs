namespace Reverie.Cli.Display;

/// <summary>A line of the checklist.</summary>
/// <param name="Name">The phase or stage.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Seconds">Time since it began, or that it took.</param>
/// <param name="Fraction">How much is done, 0 to 1; NaN where that is not known.</param>
/// <param name="SecondsLeft">Expected time to its end; NaN where that is not known.</param>
/// <param name="Detail">A few words.</param>
internal sealed record Phase(
    string Name, PhaseState State = PhaseState.Pending, double Seconds = 0, double Fraction = double.NaN, double SecondsLeft = double.NaN, string Detail = "");
