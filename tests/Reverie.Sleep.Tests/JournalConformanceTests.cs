using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep.Tests;

/// <summary>What every store of a journal must do.</summary>
public abstract partial class JournalConformanceTests : IAsyncLifetime
{
    private protected const string Ada = "ada", Bob = "bob@example.org";

    private protected IJournal Journal { get; private set; } = null!;

    private protected ManualTime Time { get; } = new();

    private protected abstract Task<IJournal> OpenAsync(TimeProvider time);

    /// <summary>Makes the store empty.</summary>
    private protected abstract Task EmptyAsync();

    public virtual async ValueTask InitializeAsync()
    {
        await EmptyAsync();
        Journal = await OpenAsync(Time);
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (Journal is not null) await Journal.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    private protected static NewMessage Question(string text, string? parent = null) => new() { Parent = parent, Role = Role.User, Parts = [MessagePart.Typed(text)] };

    private protected static NewMessage Reply(string text, string parent, int seed = 0) => new()
    {
        Parent = parent,
        Role = Role.Assistant,
        Parts = [MessagePart.Thought("Let me see."), MessagePart.Said(text)],
        Reply = new ReplyDetails { Model = "ada@3", Adapter = "ada-7", Sampling = $$"""{"seed":{{seed}}}""", StopReason = "StopToken", PromptTokens = 10, CachedTokens = 4, AnswerTokens = 3, PromptSeconds = 0.25, AnswerSeconds = 0.5 },
        Trace = new ReplyTrace { PromptLength = 10, Tokens = [5, 0, 70000], LogProbabilities = [-0.5f, -1.25f, -seed] },
    };

    private protected async Task<(Conversation Conversation, JournalMessage Question, JournalMessage Reply)> TalkAsync(string owner, string question, string reply, string title = "A talk")
    {
        Conversation conversation = await Journal.CreateConversationAsync(owner, new ConversationDetails { Title = title, SystemPrompt = "Be brief.", Settings = """{"model":"ada"}""" });
        JournalMessage asked = await Journal.AppendAsync(owner, conversation.Id, Question(question));
        JournalMessage said = await Journal.AppendAsync(owner, conversation.Id, Reply(reply, asked.Id));
        return ((await Journal.FindConversationAsync(owner, conversation.Id))!, asked, said);
    }

    [Fact]
    public async Task What_was_said_comes_back_as_it_was()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "Where is my hat?", "On your head. \uD83D\uDE00");
        ConversationTree tree = (await Journal.ReadTreeAsync(Ada, conversation.Id))!;
        Assert.Equal(conversation, tree.Conversation);
        Assert.Equal(new ConversationDetails { Title = "A talk", SystemPrompt = "Be brief.", Settings = """{"model":"ada"}""" }, conversation.Details);
        Assert.Equal([asked.Id, said.Id], tree.ActivePath.Select(m => m.Id));
        JournalMessage read = tree.Messages[1];
        Assert.Equal(said.Parts, read.Parts);
        Assert.Equal(Reply("", "").Reply, read.Reply);
        Assert.Equal("On your head. \uD83D\uDE00", read.Text);
        Assert.Equal(Reply("", "").Trace, await Journal.ReadTraceAsync(Ada, said.Id));
        Assert.Null(await Journal.ReadTraceAsync(Ada, asked.Id));
        Assert.Equal(Time.Now, read.Created);
        Assert.Equal(read.Parts, (await Journal.FindMessageAsync(Ada, said.Id))!.Parts);
    }

    [Fact]
    public async Task Every_kind_of_part_keeps_its_text_and_sources()
    {
        MessagePart[] parts =
        [
            MessagePart.Typed("look: "), MessagePart.Thought(""), MessagePart.ToolCall("c1", "weather", """{"city":"Ulm"}"""), MessagePart.ToolResult("c1", "rain\0\u2028"), MessagePart.Instructed("Be kind."),
            MessagePart.Document("notes <b>.txt", "two\nlines"), MessagePart.Mixed(PartKind.Text, (Provenance.Typed, "Read "), (Provenance.Pasted, "this"), (Provenance.Typed, ""), (Provenance.Typed, "!")),
        ];
        Conversation conversation = await Journal.CreateConversationAsync(Ada, new ConversationDetails());
        JournalMessage message = await Journal.AppendAsync(Ada, conversation.Id, new NewMessage { Role = Role.User, Parts = parts });
        Assert.Equal(parts, (await Journal.FindMessageAsync(Ada, message.Id))!.Parts);
    }

    [Fact]
    public async Task Edits_and_other_replies_are_siblings_and_the_branch_chosen_stays_chosen()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "first", "one");
        JournalMessage again = await Journal.AppendAsync(Ada, conversation.Id, Reply("two", asked.Id, 1));
        JournalMessage edited = await Journal.AppendAsync(Ada, conversation.Id, Question("first, edited"));
        JournalMessage aside = await Journal.AppendAsync(Ada, conversation.Id, Reply("three", asked.Id, 2) with { BecomesActiveLeaf = false });
        ConversationTree tree = (await Journal.ReadTreeAsync(Ada, conversation.Id))!;
        Assert.Equal([said.Id, again.Id, aside.Id], tree.Siblings(again).Select(m => m.Id));
        Assert.Equal([asked.Id, edited.Id], tree.Children(null).Select(m => m.Id));
        Assert.Equal([edited.Id], tree.ActivePath.Select(m => m.Id));
        Assert.Equal(aside.Id, tree.NewestLeaf(tree.Find(asked.Id)!).Id);
        await Journal.SetActiveLeafAsync(Ada, conversation.Id, said.Id);
        Assert.Equal([asked.Id, said.Id], (await Journal.ReadTreeAsync(Ada, conversation.Id))!.ActivePath.Select(m => m.Id));
        await Journal.SetActiveLeafAsync(Ada, conversation.Id, null);
        Assert.Empty((await Journal.ReadTreeAsync(Ada, conversation.Id))!.ActivePath);
    }

    [Fact]
    public async Task Lists_come_in_pages_last_changed_first()
    {
        var ids = new List<string>();
        for (int i = 0; i < 7; i++) ids.Add((await Journal.CreateConversationAsync(Ada, new ConversationDetails { Title = $"{i}" })).Id);
        await Journal.AppendAsync(Ada, ids[2], Question("hello"));
        await Journal.ChangeConversationAsync(Ada, ids[0], new ConversationDetails { Title = "zero", SystemPrompt = "New." });
        var read = new List<Conversation>();
        while (await Journal.ListConversationsAsync(Ada, 3, read.Count == 0 ? long.MaxValue : read[^1].Sequence) is { Count: > 0 } page) read.AddRange(page);
        Assert.Equal([ids[0], ids[2], ids[6], ids[5], ids[4], ids[3], ids[1]], read.Select(c => c.Id));
        Assert.Equal("zero", read[0].Details.Title);
    }

    [Fact]
    public async Task The_newest_feedback_counts_and_the_older_stays()
    {
        (Conversation conversation, _, JournalMessage said) = await TalkAsync(Ada, "2 + 2?", "5");
        await Journal.GiveFeedbackAsync(Ada, said.Id, isGood: true);
        Feedback newest = await Journal.GiveFeedbackAsync(Ada, said.Id, isGood: false, "4");
        Assert.Equal(newest, (await Journal.ReadTreeAsync(Ada, conversation.Id))!.Messages[1].Feedback);
        Assert.Equal([false, true], (await Journal.ReadFeedbackAsync(Ada, said.Id)).Select(f => f.IsGood));
    }

    [Fact]
    public async Task Consent_is_no_until_it_is_said_and_its_history_stays()
    {
        Assert.Empty(await Journal.ReadConsentAsync(Ada));
        Assert.False((await Journal.SummarizeAsync(Ada)).HasConsent);
        await Journal.SetConsentAsync(Ada, true, "You may learn from me.");
        Assert.True((await Journal.SummarizeAsync(Ada)).HasConsent);
        await Journal.SetConsentAsync(Ada, false, "No more.");
        Assert.Equal([(false, "No more."), (true, "You may learn from me.")], (await Journal.ReadConsentAsync(Ada)).Select(c => (c.IsGiven, c.Wording)));
        Assert.False((await Journal.SummarizeAsync(Ada)).HasConsent);
    }

    [Fact]
    public async Task Who_shares_has_said_so_and_may_be_learned_from()
    {
        Assert.Empty(await Journal.ReadSharersAsync());
        foreach (string owner in new[] { Ada, Bob })
        {
            await Journal.SetSharingAsync(owner, true, "The company may have it.");
            Assert.Empty(await Journal.ReadConsentAsync(owner));
            Assert.False((await Journal.SummarizeAsync(owner)).IsShared);
        }

        Assert.Empty(await Journal.ReadSharersAsync());
        foreach (string owner in new[] { Bob, Ada, "carol" }) await Journal.SetConsentAsync(owner, true, "yes");
        Assert.Equal([Ada, Bob], await Journal.ReadSharersAsync());
        Assert.True((await Journal.SummarizeAsync(Ada)).IsShared);
        await Journal.SetSharingAsync(Ada, false, "No more.");
        Assert.Equal([(false, "No more."), (true, "The company may have it.")], (await Journal.ReadSharingAsync(Ada)).Select(c => (c.IsGiven, c.Wording)));
        Assert.True((await Journal.SummarizeAsync(Ada)).HasConsent);
        Assert.Equal([Bob], await Journal.ReadSharersAsync());
        await Journal.SetSharingAsync(Ada, true, "yes");
        await Journal.SetConsentAsync(Ada, false, "no");
        Assert.Equal([Bob], await Journal.ReadSharersAsync());
        await Journal.DeleteEverythingAsync(Bob);
        Assert.False((await Journal.ReadSharingAsync(Bob))[0].IsGiven);
        Assert.Empty(await Journal.ReadSharersAsync());
    }

    [Fact]
    public async Task Search_finds_beginnings_of_words_without_case_and_accents_newest_first()
    {
        (Conversation first, JournalMessage asked, _) = await TalkAsync(Ada, "My aunt sells Crème brûlée in Łódź.", "Delicious!", "Desserts");
        (Conversation second, _, JournalMessage said) = await TalkAsync(Ada, "What do cats drink?", "Milk, cream and 東京の水.", "Animals");
        Assert.Equal([said.Id, asked.Id], (await Journal.SearchAsync(Ada, "cre")).Select(h => h.Message));
        SearchHit hit = Assert.Single(await Journal.SearchAsync(Ada, "BRULEE creme łodz"));
        Assert.Equal(asked.Id, hit.Message);
        Assert.Equal(["Crème", "brûlée", "Łódź"], hit.Matches.Select(m => hit.Snippet.Substring(m.Start, m.Length)));
        Assert.Equal(said.Id, Assert.Single(await Journal.SearchAsync(Ada, "京")).Message);
        SearchHit title = Assert.Single(await Journal.SearchAsync(Ada, "dessert"));
        Assert.Equal((first.Id, null, "Desserts"), (title.Conversation, title.Message, title.Snippet));
        Assert.Empty(await Journal.SearchAsync(Ada, "cream dog"));
        Assert.Empty(await Journal.SearchAsync(Ada, "  \"' -- * : () & | ! <"));
        Assert.Empty(await Journal.SearchAsync(Ada, "see"));
        Assert.Equal(second.Id, Assert.Single(await Journal.SearchAsync(Ada, "cre", limit: 1)).Conversation);
        Assert.Equal(first.Id, Assert.Single(await Journal.SearchAsync(Ada, "cre", 5, before: said.Sequence)).Conversation);
        await Journal.ChangeConversationAsync(Ada, first.Id, first.Details with { Title = "Sweets" });
        Assert.Empty(await Journal.SearchAsync(Ada, "dessert"));
        Assert.Single(await Journal.SearchAsync(Ada, "sweet"));
    }

    [Fact]
    public async Task The_summary_counts_what_is_there()
    {
        (_, _, JournalMessage said) = await TalkAsync(Ada, "one two three", "four five");
        await TalkAsync(Ada, "six", "seven");
        await Journal.GiveFeedbackAsync(Ada, said.Id, true);
        await Journal.GiveFeedbackAsync(Ada, said.Id, false, "better");
        JournalSummary summary = await Journal.SummarizeAsync(Ada);
        Assert.Equal((2, 4, 2, 4), (summary.Conversations, summary.Messages, summary.Replies, summary.WordsTyped));
        Assert.Equal((0, 1, 1), (summary.ThumbsUp, summary.ThumbsDown, summary.BetterAnswers));
        Assert.Equal((Time.Now, 8), (summary.Since, summary.Sequence));
        JournalSummary nobody = await Journal.SummarizeAsync(Bob);
        Assert.Equal((0, 0, 0, null), (nobody.Conversations, nobody.Messages, nobody.Sequence, nobody.Since));
    }

    [Fact]
    public async Task Changes_count_up_from_one_for_each_owner()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "one", "two");
        await TalkAsync(Bob, "one", "two");
        await Journal.GiveFeedbackAsync(Ada, said.Id, true);
        Assert.Equal(
            [(1, JournalChangeKind.ConversationCreated, conversation.Id), (2, JournalChangeKind.MessageWritten, asked.Id), (3, JournalChangeKind.MessageWritten, said.Id), (4, JournalChangeKind.FeedbackGiven, said.Id)],
            (await Journal.ReadChangesAsync(Ada)).Select(c => ((int)c.Sequence, c.Kind, c.Subject!)));
        Assert.Equal([3L], (await Journal.ReadChangesAsync(Ada, since: 2, limit: 1)).Select(c => c.Sequence));
        Assert.Equal(3, (await Journal.ReadChangesAsync(Bob)).Count);
    }

    [Fact]
    public async Task What_is_deleted_is_gone_and_leaves_a_tombstone()
    {
        (Conversation conversation, JournalMessage asked, JournalMessage said) = await TalkAsync(Ada, "question", "reply");
        JournalMessage other = await Journal.AppendAsync(Ada, conversation.Id, Reply("another reply", asked.Id));
        JournalMessage below = await Journal.AppendAsync(Ada, conversation.Id, Question("more", other.Id));
        await Journal.GiveFeedbackAsync(Ada, other.Id, true);
        await Journal.DeleteMessageAsync(Ada, other.Id);
        ConversationTree tree = (await Journal.ReadTreeAsync(Ada, conversation.Id))!;
        Assert.Equal([asked.Id, said.Id], tree.ActivePath.Select(m => m.Id));
        Assert.Equal(2, tree.Messages.Count);
        Assert.Null(await Journal.ReadTraceAsync(Ada, other.Id));
        Assert.Empty(await Journal.ReadFeedbackAsync(Ada, other.Id));
        Assert.Empty(await Journal.SearchAsync(Ada, "another"));
        Assert.Equal([below.Id, other.Id], (await Journal.SummarizeAsync(Ada)).Deletions.Select(d => d.Subject));
        await Journal.DeleteConversationAsync(Ada, conversation.Id);
        Assert.Null(await Journal.ReadTreeAsync(Ada, conversation.Id));
        Assert.Empty(await Journal.SearchAsync(Ada, "question"));
        Assert.Equal((JournalChangeKind.ConversationDeleted, conversation.Id), (await Journal.ReadChangesAsync(Ada, 8)).Select(c => (c.Kind, c.Subject!)).Single());
    }

    [Fact]
    public async Task Deleting_everything_leaves_others_alone_and_withdraws_consent()
    {
        await TalkAsync(Ada, "mine", "yours");
        (Conversation kept, _, _) = await TalkAsync(Bob, "mine", "yours");
        await Journal.SetConsentAsync(Ada, true, "yes");
        await Journal.SetConsentAsync(Bob, true, "yes");
        await Journal.DeleteEverythingAsync(Ada);
        JournalSummary summary = await Journal.SummarizeAsync(Ada);
        Assert.Equal((0, 0, false), (summary.Conversations, summary.Messages, summary.HasConsent));
        Assert.Equal(JournalChangeKind.EverythingDeleted, Assert.Single(summary.Deletions).Kind);
        Assert.Empty(await Journal.ListConversationsAsync(Ada));
        Assert.Equal(2, (await Journal.ReadTreeAsync(Bob, kept.Id))!.Messages.Count);
        Assert.True((await Journal.SummarizeAsync(Bob)).HasConsent);
        Assert.Equal(3, (await Journal.SearchAsync(Bob, "mine")).Concat(await Journal.SearchAsync(Bob, "yours")).Concat(await Journal.SearchAsync(Bob, "talk")).Count());
    }

    [Fact]
    public async Task What_cannot_be_kept_is_refused_and_leaves_nothing()
    {
        (Conversation conversation, _, _) = await TalkAsync(Ada, "question", "reply");
        (_, JournalMessage elsewhere, _) = await TalkAsync(Ada, "elsewhere", "reply");
        long before = (await Journal.SummarizeAsync(Ada)).Sequence;
        MessagePart gap = MessagePart.Typed("abc") with { Spans = [new(Provenance.Typed, 0, 1), new(Provenance.Pasted, 2, 1)] };
        NewMessage[] bad =
        [
            Question("x", elsewhere.Id), Question("x", "no id"), Question("x") with { Parts = [] }, Question("x") with { Parts = [gap] }, Question("x") with { Role = (Role)9 },
            Question("x") with { Parts = [MessagePart.Document("a", "b") with { Spans = [new(Provenance.Typed, 0, 1)] }] }, Question("x") with { Trace = Reply("", "").Trace },
            Question("x") with { Parts = [MessagePart.Typed(new string('a', JournalLimits.Text + 1))] }, Reply("", elsewhere.Id) with { Reply = new ReplyDetails { Model = "m", Sampling = "{" } },
        ];
        foreach (NewMessage message in bad) await Assert.ThrowsAsync<ReverieException>(() => Journal.AppendAsync(Ada, conversation.Id, message));
        await Assert.ThrowsAsync<ReverieException>(() => Journal.CreateConversationAsync(Ada, new ConversationDetails { Title = new string('a', 501) }));
        await Assert.ThrowsAsync<ReverieException>(() => Journal.CreateConversationAsync(Ada, new ConversationDetails { Settings = "[1]" }));
        foreach (string owner in new[] { "", "a b", "a'b", "ä", new string('a', 65), "a\0" }) await Assert.ThrowsAsync<ReverieException>(() => Journal.ListConversationsAsync(owner));
        await Assert.ThrowsAsync<ReverieException>(() => Journal.ListConversationsAsync(Ada, 0));
        Assert.Equal(before, (await Journal.SummarizeAsync(Ada)).Sequence);
    }

    [Fact]
    public async Task Any_string_can_be_said()
    {
        Conversation conversation = await Journal.CreateConversationAsync(Ada, new ConversationDetails { Title = "a\0\nb\uD800", SystemPrompt = "\0\uDC00" });
        Assert.Equal("a  b\uFFFD", conversation.Details.Title);
        JournalMessage message = await Journal.AppendAsync(Ada, conversation.Id, Question("\uD800x\uD83D\uDE00\uDC00\0\"'); DROP TABLE message; --"));
        JournalMessage read = (await Journal.FindMessageAsync(Ada, message.Id))!;
        Assert.Equal("\uFFFDx\uD83D\uDE00\uFFFD\0\"'); DROP TABLE message; --", read.Text);
        Assert.Equal(message.Parts, read.Parts);
        await Journal.GiveFeedbackAsync(Ada, message.Id, false, "\0\uD800");
        Assert.Equal("\0\uFFFD", (await Journal.ReadFeedbackAsync(Ada, message.Id))[0].BetterAnswer);
        foreach (string id in new[] { "", "\0", "\uD800", new string('0', 32), "' OR 1=1", new string('x', 100_000) })
        {
            Assert.Null(await Journal.ReadTreeAsync(Ada, id));
            await Assert.ThrowsAsync<ReverieException>(() => Journal.DeleteMessageAsync(Ada, id));
        }

        foreach (string query in new[] { "\0", "\uD800x", new string('x', 100_000), "NEAR(a b)", "x OR y", "-x", "words:x", "x:*", "'x' & !x" }) await Journal.SearchAsync(Ada, query);
        Assert.Equal(message.Id, Assert.Single(await Journal.SearchAsync(Ada, "drop table")).Message);
    }

    [Fact]
    public async Task Sixty_four_requests_at_once_lose_nothing_and_number_without_a_gap()
    {
        const int Requests = 64, Messages = 4;
        Conversation shared = await Journal.CreateConversationAsync(Ada, new ConversationDetails());
        await Task.WhenAll(Enumerable.Range(0, Requests).Select(i => Task.Run(async () =>
        {
            string? parent = null;
            for (int j = 0; j < Messages; j++)
            {
                parent = (await Journal.AppendAsync(Ada, shared.Id, Question($"request {i} message {j}", parent))).Id;
                Assert.NotNull((await Journal.ReadTreeAsync(Ada, shared.Id))!.Find(parent));
            }
        })));
        ConversationTree tree = (await Journal.ReadTreeAsync(Ada, shared.Id))!;
        Assert.Equal(Enumerable.Range(2, Requests * Messages).Select(i => (long)i), tree.Messages.Select(m => m.Sequence));
        Assert.Equal(Requests, tree.Children(null).Count);
        Assert.All(tree.Children(null), m => Assert.Equal(Messages, tree.Subtree(m.Id).Count));
        Assert.Equal(Enumerable.Range(1, Requests * Messages + 1).Select(i => (long)i), (await Journal.ReadChangesAsync(Ada)).Select(c => c.Sequence));
    }
}
