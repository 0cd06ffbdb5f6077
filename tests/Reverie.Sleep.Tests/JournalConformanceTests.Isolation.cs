using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

public abstract partial class JournalConformanceTests
{
    private sealed record Ids(string Conversation, string Message, string Leaf);

    private static readonly JsonSerializerOptions _readable = new() { IncludeFields = true };

    /// <summary>Every method of the interface as a stranger would call it with ids that are another's; a new one must be added here.</summary>
    private static readonly Dictionary<string, Func<IJournal, string, Ids, Task<object?>>> _calls = new()
    {
        [nameof(IJournal.CreateConversationAsync)] = async (j, o, _) => await j.CreateConversationAsync(o, new ConversationDetails { Title = "mine" }),
        [nameof(IJournal.FindConversationAsync)] = async (j, o, i) => await j.FindConversationAsync(o, i.Conversation),
        [nameof(IJournal.ListConversationsAsync)] = async (j, o, _) => await j.ListConversationsAsync(o, 1000),
        [nameof(IJournal.ChangeConversationAsync)] = async (j, o, i) => await j.ChangeConversationAsync(o, i.Conversation, new ConversationDetails { Title = "stolen" }),
        [nameof(IJournal.SetActiveLeafAsync)] = (j, o, i) => Done(j.SetActiveLeafAsync(o, i.Conversation, i.Message)),
        [nameof(IJournal.AppendAsync)] = async (j, o, i) =>
        {
            // Into one's own conversation, below another's message; then into another's.
            Conversation own = await j.CreateConversationAsync(o, new ConversationDetails());
            await Assert.ThrowsAsync<ReverieException>(() => j.AppendAsync(o, own.Id, Question("hello", i.Message)));
            await Assert.ThrowsAsync<ReverieException>(() => j.SetActiveLeafAsync(o, own.Id, i.Message));
            return await j.AppendAsync(o, i.Conversation, Question("hello", i.Message));
        },
        [nameof(IJournal.ReadTreeAsync)] = async (j, o, i) => await j.ReadTreeAsync(o, i.Conversation),
        [nameof(IJournal.FindMessageAsync)] = async (j, o, i) => await j.FindMessageAsync(o, i.Leaf),
        [nameof(IJournal.ReadTraceAsync)] = async (j, o, i) => await j.ReadTraceAsync(o, i.Leaf),
        [nameof(IJournal.GiveFeedbackAsync)] = async (j, o, i) => await j.GiveFeedbackAsync(o, i.Leaf, false, "worse"),
        [nameof(IJournal.ReadFeedbackAsync)] = async (j, o, i) => await j.ReadFeedbackAsync(o, i.Leaf),
        [nameof(IJournal.SetConsentAsync)] = async (j, o, _) => await j.SetConsentAsync(o, false, "no"),
        [nameof(IJournal.SetSharingAsync)] = async (j, o, _) => await j.SetSharingAsync(o, false, "no"),
        [nameof(IJournal.ReadSharingAsync)] = async (j, o, _) => await j.ReadSharingAsync(o),
        [nameof(IJournal.ReadConsentAsync)] = async (j, o, _) => await j.ReadConsentAsync(o),
        [nameof(IJournal.SearchAsync)] = async (j, o, _) => await j.SearchAsync(o, "zanzibar", 1000),
        [nameof(IJournal.SummarizeAsync)] = async (j, o, _) => await j.SummarizeAsync(o),
        [nameof(IJournal.ReadChangesAsync)] = async (j, o, _) => await j.ReadChangesAsync(o, 0, 10_000),
        [nameof(IJournal.DeleteConversationAsync)] = (j, o, i) => Done(j.DeleteConversationAsync(o, i.Conversation)),
        [nameof(IJournal.DeleteMessageAsync)] = (j, o, i) => Done(j.DeleteMessageAsync(o, i.Message)),
        [nameof(IJournal.EraseDetailsAsync)] = (j, o, i) => Done(j.EraseDetailsAsync(o, i.Conversation)),
        [nameof(IJournal.DeleteEverythingAsync)] = (j, o, _) => Done(j.DeleteEverythingAsync(o)),
        [nameof(IJournal.ExportAsync)] = async (j, o, i) => await ExportAsync(j, o) + await ExportAsync(j, o, i.Conversation),
        [nameof(IJournal.ImportAsync)] = async (j, o, i) => await j.ImportAsync(o, Utf8(
            $$"""{"format":"reverie-conversations","version":1,"exported":"2026-01-01T00:00:00Z","conversations":[{"details":{"title":""},"created":"2026-01-01T00:00:00Z","messages":[{"id":"{{i.Leaf}}","parent":"{{i.Message}}","role":"user","created":"2026-01-01T00:00:00Z","parts":[]}]}]}""")),
    };

    [Fact]
    public async Task Anothers_id_is_an_id_that_does_not_exist()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "My secret is zanzibar.", "I keep zanzibar.", "zanzibar");
        await Journal.GiveFeedbackAsync(Ada, said.Id, true, "zanzibar!");
        await Journal.SetConsentAsync(Ada, true, "zanzibar");
        await TalkAsync(Ada, "gone", "zanzibar", "deleted zanzibar");
        await Journal.DeleteConversationAsync(Ada, (await Journal.ListConversationsAsync(Ada))[0].Id);
        string before = await EverythingAsync(Ada);
        var hers = new Ids(conversation.Id, asked.Id, said.Id);
        var nobodys = new Ids(Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"), Guid.NewGuid().ToString("N"));

        // The company's night asks who shares, and is told names and nothing else.
        System.Reflection.MethodInfo[] personal = [.. typeof(IJournal).GetMethods().Where(m => m.Name != nameof(IJournal.ReadSharersAsync))];
        Assert.Equal(personal.Select(m => m.Name).Order(), _calls.Keys.Order());
        Assert.All(personal, m => Assert.Equal("owner", m.GetParameters()[0].Name));
        foreach ((string name, Func<IJournal, string, Ids, Task<object?>> call) in _calls)
        {
            string theirs = await OutcomeAsync(call, $"eve.{name}", hers), nothing = await OutcomeAsync(call, $"mallory.{name}", nobodys);
            Assert.Equal(nothing, theirs);
            Assert.DoesNotContain("zanzibar", theirs);
        }

        Assert.Equal(before, await EverythingAsync(Ada));
    }

    private async Task<string> OutcomeAsync(Func<IJournal, string, Ids, Task<object?>> call, string owner, Ids ids)
    {
        string text;
        try
        {
            text = JsonSerializer.Serialize(await call(Journal, owner, ids), _readable);
        }
        catch (ReverieException e)
        {
            text = e.Message;
        }

        return Regex.Replace(text.Replace(owner, "owner", StringComparison.Ordinal), "[0-9a-f]{32}", "id");
    }

    private async Task<string> EverythingAsync(string owner) =>
        await ExportAsync(Journal, owner) + JsonSerializer.Serialize(await Journal.SummarizeAsync(owner), _readable) + JsonSerializer.Serialize(await Journal.ReadChangesAsync(owner), _readable);

    private static async Task<object?> Done(Task task)
    {
        await task;
        return null;
    }

    private static async Task<string> ExportAsync(IJournal journal, string owner, params string[] conversations)
    {
        using var stream = new MemoryStream();
        await journal.ExportAsync(owner, stream, conversations.Length == 0 ? null : conversations);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static MemoryStream Utf8(string text) => new(Encoding.UTF8.GetBytes(text));
}
