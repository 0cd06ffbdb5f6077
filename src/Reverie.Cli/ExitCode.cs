namespace Reverie.Cli;

/// <summary>What the process returns.</summary>
internal static class ExitCode
{
    /// <summary>All went well.</summary>
    public const int Success = 0;

    /// <summary>It failed; one line on standard error says why and what to do.</summary>
    public const int Failure = 1;

    /// <summary>The command line is wrong.</summary>
    public const int Usage = 2;

    /// <summary>Stopped by Ctrl+C, as shells count it: 128 + SIGINT.</summary>
    public const int Interrupted = 130;
}
