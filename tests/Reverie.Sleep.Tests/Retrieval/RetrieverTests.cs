using CsCheck;
using Reverie.Models;

namespace Reverie.Sleep.Tests.Retrieval;

public sealed class RetrieverTests : IAsyncLifetime
{
    private const string Ada = "ada", Bob = "bob";

    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-recall").FullName;
    private readonly ManualTime _time = new();
    private SqliteJournal _journal = null!;

    public async ValueTask InitializeAsync()
    {
        _journal = SqliteJournal.Open(Path.Combine(_folder, "journal.db"), time: _time);
        await _journal.SetConsentAsync(Ada, true, "yes");
        await _journal.SetConsentAsync(Bob, true, "yes");
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task What_was_typed_is_found_with_its_source()
    {
        JournalMessage said = await SayAsync(Ada, "Hello. I live in Vell. Where do you live?");
        RecalledMemory found = Assert.Single(await FindAsync(new Retriever(_journal), Ada, "Where do I live?"));
        Assert.Equal(("I live in Vell.", said.Id, said.Conversation, said.Created, said.Sequence), (found.Text, found.Message, found.Conversation, found.Written, found.Sequence));
    }

    [Fact]
    public async Task Each_finds_their_own_only()
    {
        var retriever = new Retriever(_journal);
        await SayAsync(Ada, "My canary is the number 4711.");
        await SayAsync(Bob, "My canary is the number 1234.");
        foreach ((string owner, string own) in new[] { (Ada, "4711"), (Bob, "1234"), (Ada, "4711") })
            Assert.Contains(own, Assert.Single(await FindAsync(retriever, owner, "Which number is my canary? 4711 1234")).Text);
        await _journal.SetConsentAsync("eve", true, "yes");
        Assert.Empty(await FindAsync(retriever, "eve", "Which number is my canary? 4711 1234"));
    }

    [Fact]
    public async Task Without_consent_nothing_is_found()
    {
        var retriever = new Retriever(_journal);
        await SayAsync("carl", "I live in Vell.");
        Assert.Empty(await FindAsync(retriever, "carl", "Where do I live?"));
        await _journal.SetConsentAsync("carl", true, "yes");
        Assert.Single(await FindAsync(retriever, "carl", "Where do I live?"));
        await _journal.SetConsentAsync("carl", false, "no");
        Assert.Empty(await FindAsync(retriever, "carl", "Where do I live?"));
    }

    [Fact]
    public async Task What_is_deleted_edited_or_left_on_another_branch_is_not_found()
    {
        var retriever = new Retriever(_journal);
        JournalMessage old = await SayAsync(Ada, "I live in Vell."), other = await SayAsync(Ada, "I also live in Dorn.");
        Assert.Equal(2, (await FindAsync(retriever, Ada, "Where do I live?")).Count);

        JournalMessage edited = await _journal.AppendAsync(Ada, old.Conversation, Typed("I live in Ulm."));
        Assert.Equal(["I live in Ulm.", "I also live in Dorn."], (await FindAsync(retriever, Ada, "Where do I live?")).Select(m => m.Text));
        await _journal.SetActiveLeafAsync(Ada, old.Conversation, old.Id);
        Assert.Equal(["I also live in Dorn.", "I live in Vell."], (await FindAsync(retriever, Ada, "Where do I live?")).Select(m => m.Text));

        await _journal.DeleteMessageAsync(Ada, old.Id);
        Assert.Equal([edited.Id, other.Id], (await FindAsync(retriever, Ada, "Where do I live?")).Select(m => m.Message));
        await _journal.DeleteConversationAsync(Ada, other.Conversation);
        Assert.Equal([edited.Id], (await FindAsync(retriever, Ada, "Where do I live?")).Select(m => m.Message));
        await _journal.DeleteEverythingAsync(Ada);
        await _journal.SetConsentAsync(Ada, true, "again");
        Assert.Empty(await FindAsync(retriever, Ada, "Where do I live?"));
    }

    [Fact]
    public async Task What_came_from_a_file_or_through_the_api_is_not_found_and_what_is_left_out_is_left_out()
    {
        var retriever = new Retriever(_journal);
        JournalMessage said = await SayAsync(Ada, "I live in Vell.");
        using var file = new MemoryStream();
        await _journal.ExportAsync(Ada, file);
        file.Position = 0;
        await _journal.ImportAsync(Bob, file);
        Assert.Empty(await FindAsync(retriever, Bob, "Where do I live?"));
        await _journal.AppendAsync(Bob, (await _journal.CreateConversationAsync(Bob, new ConversationDetails())).Id, new NewMessage { Role = Role.User, Parts = [MessagePart.Mixed(PartKind.Text, (Provenance.Pasted, "I live in Vell."))] });
        Assert.Empty(await FindAsync(retriever, Bob, "Where do I live?"));
        Assert.Empty(await retriever.FindAsync(Ada, "Where do I live?", 5, except: new HashSet<string> { said.Id }, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void What_is_kept_up_to_date_equals_what_is_made_anew() => Gen.Select(Gen.Int[0, 99].Array[1, 40], Gen.Int[0, 1000]).Sample((steps, seed) =>
        Task.Run(async () =>
        {
            string owner = $"o{Guid.NewGuid():N}";
            var random = new Random(seed);
            var retriever = new Retriever(_journal);
            await _journal.SetConsentAsync(owner, true, "yes");
            foreach (int step in steps)
            {
                await StepAsync(owner, step, random);
                if (step % 3 != 0) continue;
                string query = $"k{random.Next(4)} k{random.Next(4)}";
                Assert.Equal(await FindAsync(new Retriever(_journal), owner, query), await FindAsync(retriever, owner, query));
            }
        }).GetAwaiter().GetResult(), iter: 25, threads: 1);

    [Fact]
    public async Task Who_asked_longest_ago_is_read_again_when_they_come_back()
    {
        var retriever = new Retriever(_journal) { MostStatements = 3, MostOwners = 2 };
        foreach (string owner in new[] { Ada, Bob }) for (int i = 0; i < 4; i++) await SayAsync(owner, $"{owner} lives in town{i}.");
        string[] asked = [Ada, Bob, Ada, Ada, Bob];
        foreach (string owner in asked) Assert.Equal(4, (await FindAsync(retriever, owner, $"{owner} lives")).Count);
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
        {
            string owner = asked[i % 5];
            if (i % 4 == 0) await SayAsync(owner, $"{owner} lives in hamlet{i}.");
            Assert.All(await FindAsync(retriever, owner, $"{owner} lives"), m => Assert.Contains(owner, m.Text));
        }));
    }

    private static NewMessage Typed(string text, string? parent = null) => new() { Parent = parent, Role = Role.User, Parts = [MessagePart.Typed(text)] };

    private static Task<IReadOnlyList<RecalledMemory>> FindAsync(Retriever retriever, string owner, string query) => retriever.FindAsync(owner, query, 50, cancellation: TestContext.Current.CancellationToken);

    private async Task<JournalMessage> SayAsync(string owner, string text)
    {
        _time.Now += TimeSpan.FromMinutes(1);
        return await _journal.AppendAsync(owner, (await _journal.CreateConversationAsync(owner, new ConversationDetails())).Id, Typed(text));
    }

    /// <summary>Something that people do to their journal.</summary>
    private async Task StepAsync(string owner, int step, Random random)
    {
        IReadOnlyList<Conversation> all = await _journal.ListConversationsAsync(owner);
        ConversationTree? tree = all.Count == 0 ? null : await _journal.ReadTreeAsync(owner, all[random.Next(all.Count)].Id);
        JournalMessage? message = tree is { Messages.Count: > 0 } ? tree.Messages[random.Next(tree.Messages.Count)] : null;
        string text = $"k{random.Next(4)} k{random.Next(4)}. k{random.Next(4)} is here.";
        switch (step)
        {
            case < 15 or < 50 when message is null:
                await SayAsync(owner, text);
                break;
            case < 50:
                await _journal.AppendAsync(owner, tree!.Conversation.Id, Typed(text, message!.Id));
                break;
            case < 65 when message is not null:
                await _journal.AppendAsync(owner, tree!.Conversation.Id, Typed(text, message.Parent) with { BecomesActiveLeaf = step % 2 == 0 });
                break;
            case < 75 when tree is not null:
                await _journal.SetActiveLeafAsync(owner, tree.Conversation.Id, step == 74 ? null : message?.Id);
                break;
            case < 85 when message is not null:
                await _journal.DeleteMessageAsync(owner, message.Id);
                break;
            case < 92 when tree is not null:
                await _journal.DeleteConversationAsync(owner, tree.Conversation.Id);
                break;
            case 92:
                await _journal.DeleteEverythingAsync(owner);
                await _journal.SetConsentAsync(owner, true, "again");
                break;
            case < 96 when message is not null:
                await _journal.GiveFeedbackAsync(owner, message.Id, true);
                break;
            default:
                await _journal.SetConsentAsync(owner, step % 2 == 0, "perhaps");
                break;
        }
    }
}
