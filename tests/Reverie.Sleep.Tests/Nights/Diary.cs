using Reverie.Models;

namespace Reverie.Sleep.Tests;

/// <summary>A journal that a test writes into as the page would.</summary>
internal sealed class Diary : IAsyncDisposable
{
    public const string Ada = "ada";

    private Diary(SqliteJournal journal, string folder, ManualTime time) => (Journal, Folder, Time) = (journal, folder, time);

    public IJournal Journal { get; }

    public string Folder { get; }

    public ManualTime Time { get; }

    public static async Task<Diary> OpenAsync(bool consent = true)
    {
        string folder = Directory.CreateTempSubdirectory("reverie-diary").FullName;
        var time = new ManualTime();
        var diary = new Diary(SqliteJournal.Open(Path.Combine(folder, "journal.db"), time: time), folder, time);
        if (consent) await diary.Journal.SetConsentAsync(Ada, true, "yes");
        return diary;
    }

    /// <summary>Says something in a conversation of its own, which the assistant answers.</summary>
    public Task<JournalMessage> SayAsync(string text, string answer = "I will remember that.", string owner = Ada) => SayAsync([MessagePart.Typed(text)], answer, owner: owner);

    public async Task<JournalMessage> SayAsync(IReadOnlyList<MessagePart> parts, string answer = "I will remember that.", string? conversation = null, string owner = Ada)
    {
        conversation ??= (await Journal.CreateConversationAsync(owner, new ConversationDetails { Title = "talk" })).Id;
        Conversation before = (await Journal.FindConversationAsync(owner, conversation))!;
        JournalMessage said = await Journal.AppendAsync(owner, conversation, new NewMessage { Parent = before.ActiveLeaf, Role = Role.User, Parts = parts });
        Time.Now += TimeSpan.FromSeconds(1);
        await Journal.AppendAsync(owner, conversation, new NewMessage { Parent = said.Id, Role = Role.Assistant, Parts = [MessagePart.Said(answer)] });
        Time.Now += TimeSpan.FromSeconds(1);
        return said;
    }

    /// <summary>Somebody who lets sleep learn, and shares.</summary>
    public async Task ShareAsync(params string[] owners)
    {
        foreach (string owner in owners)
        {
            await Journal.SetConsentAsync(owner, true, "yes");
            await Journal.SetSharingAsync(owner, true, "yes");
        }
    }

    public async Task<Triage> TriageAsync() => Triage.Of(await JournalReading.ReadAsync(Journal, Ada));

    public async ValueTask DisposeAsync()
    {
        await Journal.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
