using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>Where a journal is kept.</summary>
public static class JournalStore
{
    /// <summary>The variable that names the journal where nobody else does.</summary>
    public const string Variable = "REVERIE_JOURNAL";

    /// <summary>Opens a journal, or makes one.</summary>
    /// <param name="workspace">The workspace whose <see cref="Workspace.JournalFile"/> it is unless another is named.</param>
    /// <param name="location">A file, <c>postgres://user:password@host/database</c>, or a connection string with <c>Host=</c>; null for <see cref="Variable"/>.</param>
    /// <param name="notice">Is told in a line what was repaired.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReverieException">It cannot be opened, or is of a newer version.</exception>
    public static async Task<IJournal> OpenAsync(Workspace workspace, string? location = null, Action<string>? notice = null, CancellationToken cancellation = default)
    {
        location ??= Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(location)) location = workspace.JournalFile;
        return PostgresJournal.IsConnection(location)
            ? await PostgresJournal.OpenAsync(location, cancellation: cancellation).ConfigureAwait(false)
            : SqliteJournal.Open(location, notice);
    }
}
