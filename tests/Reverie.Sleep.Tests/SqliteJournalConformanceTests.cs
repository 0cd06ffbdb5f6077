namespace Reverie.Sleep.Tests;

public sealed class SqliteJournalConformanceTests : JournalConformanceTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-journal").FullName;

    private protected override Task<IJournal> OpenAsync(TimeProvider time) => Task.FromResult<IJournal>(SqliteJournal.Open(Path.Combine(_folder, "journal.db"), time: time));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
