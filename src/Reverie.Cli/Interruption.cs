using System.Runtime.InteropServices;

namespace Reverie.Cli;

/// <summary>
/// Turns Ctrl+C and termination into a clean stop: the first asks for it, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly Action _first;
    private int _count;

    /// <summary>Watches from now on.</summary>
    /// <param name="first">Told at the first signal, on another thread.</param>
    public Interruption(Action first)
    {
        _first = first;
        _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
    }

    /// <summary>Set at the first signal.</summary>
    public CancellationToken Token => _source.Token;

    /// <summary>Stops watching.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _count) > 1)
        {
            // A live display may have hidden the cursor.
            if (!Console.IsOutputRedirected) Console.Write("\e[?25h\n");
            Environment.Exit(ExitCode.Interrupted);
        }

        _first();
        _source.Cancel();
    }
}
