namespace Reverie.Cli.Display;

/// <summary>Where a phase stands.</summary>
internal enum PhaseState
{
    /// <summary>Not begun.</summary>
    Pending,

    /// <summary>Under way.</summary>
    Running,

    /// <summary>Over.</summary>
    Done,
}
