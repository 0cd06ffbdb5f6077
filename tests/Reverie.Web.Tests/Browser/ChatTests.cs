using Microsoft.Playwright;
using Reverie.Models;
using Reverie.Sleep;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

public sealed class ChatTests(ChromiumFixture chromium)
{
    private const string Local = PageOptions.LocalUser;

    [Fact]
    public async Task A_message_is_answered_and_is_there_after_a_reload()
    {
        await using PageServer server = await PageServer.StartAsync(configure: o => o with { Tools = [Scripts.Calculator] });
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await Expect(open.Page.Locator("#composer")).ToBeFocusedAsync();
        await open.ShotAsync("empty-desktop-light");
        await open.SayAsync("How does insertion sort work?");
        await open.RepliedAsync(1);
        await open.SayAsync("Please calculate 19 times 23");
        await open.RepliedAsync(2);
        await Expect(open.Page.Locator(".theirs").Last).ToContainTextAsync("It is 437.");
        await open.ShotAsync("chat-desktop-light");
        await open.Page.ReloadAsync();
        await open.RepliedAsync(2);
        await Expect(open.Page.Locator(".theirs").First.Locator("td.right").First).ToHaveTextAsync("n - 1");
        await Expect(open.Page.Locator(".theirs").First.Locator("code .k").First).ToHaveTextAsync("public");
        await Expect(open.Page.Locator(".context")).ToContainTextAsync("of 2,048");

        // Thoughts and calls are folded, and open to arguments and results.
        ILocator tool = open.Page.Locator("details.tool");
        await Expect(tool.Locator("pre").First).ToBeHiddenAsync();
        await tool.Locator("summary").ClickAsync();
        await Expect(tool.Locator("pre").First).ToContainTextAsync("19*23");
        await Expect(tool.Locator("pre").Last).ToHaveTextAsync("437");
        await open.Page.Locator("details.thinking summary").ClickAsync();
        await Expect(open.Page.Locator(".thought")).ToHaveTextAsync("A product. I will use the calculator.");
        await open.Page.Locator(".code [data-copy]").ClickAsync();
        Assert.StartsWith("/// <summary>Sorts in place.", await open.Page.EvaluateAsync<string>("navigator.clipboard.readText()"), StringComparison.Ordinal);

        ConversationTree tree = await OnlyTreeAsync(server);
        Assert.Equal([Role.User, Role.Assistant, Role.User, Role.Assistant, Role.Tool, Role.Assistant], tree.ActivePath.Select(m => m.Role));
        Assert.All(tree.ActivePath[4].Parts.SelectMany(p => p.Spans), s => Assert.Equal(Provenance.Tool, s.Source));
        Assert.Equal("scripted@1", tree.ActivePath[5].Reply!.Model);
    }

    [Fact]
    public async Task Stop_ends_a_reply_and_keeps_what_was_said()
    {
        await using PageServer server = await PageServer.StartAsync(pace: TimeSpan.FromMilliseconds(3));
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("Tell me a long story");
        await Expect(open.Page.Locator(".live")).ToContainTextAsync("word20");
        await open.ShotAsync("streaming-desktop-light");
        await open.Page.Keyboard.PressAsync("Escape");
        await open.RepliedAsync(1);
        await Expect(open.Page.Locator(".stats")).ToContainTextAsync("stopped");
        string said = await open.Page.Locator(".theirs .said").InnerTextAsync();
        Assert.DoesNotContain("word2000", said, StringComparison.Ordinal);
        await open.Page.ReloadAsync();
        await open.RepliedAsync(1);
        Assert.Equal(said, await open.Page.Locator(".theirs .said").InnerTextAsync());
        JournalMessage reply = (await OnlyTreeAsync(server)).ActivePath[1];
        Assert.Equal("Cancelled", reply.Reply!.StopReason);
    }

    [Fact]
    public async Task A_reply_goes_on_when_the_browser_goes_away_and_is_kept_when_the_server_ends()
    {
        string folder = Directory.CreateTempSubdirectory("reverie-page-").FullName;
        PageServer server = await PageServer.StartAsync(pace: TimeSpan.FromMilliseconds(5), folder: folder);
        await using (OpenPage open = await OpenPage.OpenAsync(chromium, server.Url))
        {
            await open.SayAsync("A long one");
            await Expect(open.Page.Locator(".live")).ToContainTextAsync("word5");
        }

        await using (OpenPage again = await OpenPage.OpenAsync(chromium, server.Url))
        {
            again.Expected.AddRange(["WebSocket", "ERR_", "onnection", "negotiation"]);
            await again.Page.Locator(".item .row").First.ClickAsync();
            await Expect(again.Page.Locator(".live")).ToContainTextAsync("word40");
            await server.StopAsync();
            await Expect(again.Page.Locator("#components-reconnect-modal")).ToBeVisibleAsync();
        }

        await using PageServer next = await PageServer.StartAsync(folder: folder);
        JournalMessage reply = (await OnlyTreeAsync(next)).ActivePath[1];
        Assert.Equal("Cancelled", reply.Reply!.StopReason);
        Assert.StartsWith("word1 word2 ", reply.Text, StringComparison.Ordinal);
        Assert.Contains("word40", reply.Text, StringComparison.Ordinal);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Any_message_can_be_edited_and_its_versions_are_branches()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        IPage page = open.Page;
        await open.SayAsync("first question");
        await open.RepliedAsync(1);
        await open.SayAsync("second question");
        await open.RepliedAsync(2);

        // Another reply to the second question.
        await page.Locator(".theirs").Last.GetByLabel("Reply again").ClickAsync();
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("2/2");

        // The first message again, in other words: all of what followed is on the other branch.
        await page.Locator(".mine").First.HoverAsync();
        await page.Locator(".mine").First.GetByLabel("Edit the message").ClickAsync();
        await page.Locator(".editor textarea").FillAsync("first question, better put");
        await open.ShotAsync("edit-desktop-light");
        await page.Locator(".editor textarea").PressAsync("Enter");
        await open.RepliedAsync(1);
        await Expect(page.Locator(".theirs")).ToContainTextAsync("You said: first question, better put");
        await Expect(page.Locator(".mine .branches")).ToContainTextAsync("2/2");
        await page.Locator(".mine").GetByLabel("Previous version").ClickAsync();
        await open.RepliedAsync(2);
        await Expect(page.Locator(".mine").Last).ToContainTextAsync("second question");
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("2/2");
        await page.Locator(".theirs").Last.GetByLabel("Previous version").ClickAsync();
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("1/2");
        await open.ShotAsync("branches-desktop-light");
        await page.ReloadAsync();
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("1/2");

        // A reply in the user's words: the rest of it stays the model's.
        await page.Locator(".theirs").First.GetByLabel("Edit the reply").ClickAsync();
        await page.Locator(".editor textarea").FillAsync("You wrote: first question");
        await page.Locator(".editor [data-submit]").ClickAsync();
        await Expect(page.Locator(".theirs").First.Locator(".branches")).ToContainTextAsync("2/2");
        JournalMessage edited = (await OnlyTreeAsync(server)).ActivePath[^1];
        Assert.Equal([Provenance.Model, Provenance.Typed, Provenance.Model], edited.Parts[0].Spans.Select(s => s.Source));
        Assert.Equal("wrote", edited.Text.Substring(edited.Parts[0].Spans[1].Start, edited.Parts[0].Spans[1].Length));
    }

    [Fact]
    public async Task Thumbs_and_better_answers_are_kept()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("What is the capital of France?");
        await open.RepliedAsync(1);
        await open.Page.GetByLabel("Bad reply").ClickAsync();
        await open.Page.Locator(".panel textarea").FillAsync("Paris.");
        await open.ShotAsync("feedback-desktop-light");
        await open.Page.Locator(".panel .primary").ClickAsync();
        await Expect(open.Page.Locator(".better")).ToContainTextAsync("Paris.");
        await open.Page.ReloadAsync();
        await Expect(open.Page.GetByLabel("Bad reply")).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(open.Page.Locator(".better")).ToContainTextAsync("Paris.");
        Feedback? feedback = (await OnlyTreeAsync(server)).ActivePath[1].Feedback;
        Assert.Equal((false, "Paris."), (feedback!.IsGood, feedback.BetterAnswer));
        await open.Page.GetByLabel("Good reply").ClickAsync();
        await Expect(open.Page.GetByLabel("Good reply")).ToHaveAttributeAsync("aria-pressed", "true");
    }

    [Fact]
    public async Task Search_finds_what_was_said_and_goes_there()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("Where do pelicans sleep?");
        await open.RepliedAsync(1);
        await open.Page.Keyboard.PressAsync("Control+Shift+O");
        await Expect(open.Page.Locator(".welcome")).ToBeVisibleAsync();
        await open.SayAsync("Something else");
        await open.RepliedAsync(1);
        await open.Page.Keyboard.PressAsync("Control+k");
        await open.Page.Keyboard.TypeAsync("pelican");
        await Expect(open.Page.Locator(".hit mark").First).ToHaveTextAsync("pelicans");
        await open.ShotAsync("search-desktop-light");
        await open.Page.Locator(".hit").Last.ClickAsync();
        await Expect(open.Page.Locator(".mine")).ToContainTextAsync("Where do pelicans sleep?");
        await open.Page.FillAsync("#search", "zebra");
        await Expect(open.Page.Locator(".list [role=status]")).ToHaveTextAsync("Nothing found");
    }

    [Fact]
    public async Task An_export_brings_all_branches_back()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("one");
        await open.RepliedAsync(1);
        await open.Page.GetByLabel("Reply again").ClickAsync();
        await Expect(open.Page.Locator(".branches")).ToContainTextAsync("2/2");
        IDownload download = await open.Page.RunAndWaitForDownloadAsync(() => open.Page.GetByLabel("Export this conversation").ClickAsync());
        string file = Path.Combine(server.Workspace, "export.json");
        await download.SaveAsAsync(file);
        await open.Page.SetInputFilesAsync("#import", file);
        await Expect(open.Page.Locator(".item")).ToHaveCountAsync(2);
        await Expect(open.Page.Locator(".branches")).ToContainTextAsync("2/2");
        IReadOnlyList<Conversation> conversations = await server.Journal.ListConversationsAsync(Local);
        Assert.Contains(conversations, c => c.IsImported);
        await open.Page.SetInputFilesAsync("#import", new FilePayload { Name = "other.json", MimeType = "application/json", Buffer = "{ \"no\": 1 }"u8.ToArray() });
        await Expect(open.Page.Locator(".notes p")).ToHaveTextAsync(["One conversation was imported.", "The file is no export of Reverie's conversations, or it is damaged. Write one with: reverie journal export FILE."]);
    }

    [Fact]
    public async Task A_reply_that_breaks_off_says_why_and_can_be_asked_for_again()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("please fail");
        await Expect(open.Page.Locator(".failure")).ToContainTextAsync("The model was unloaded. Ask again.");
        await Expect(open.Page.Locator(".theirs")).ToContainTextAsync("This much");
        await open.ShotAsync("failure-desktop-light");
        Assert.Equal("Failed", (await OnlyTreeAsync(server)).ActivePath[1].Reply!.StopReason);
    }

    [Fact]
    public async Task Long_pastes_and_files_are_attached_as_the_words_of_others()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        string pasted = string.Join("\n", Enumerable.Range(1, 40).Select(i => $"line {i} of a report"));
        await open.Page.EvaluateAsync("text => navigator.clipboard.writeText(text)", pasted);
        await open.Page.FocusAsync("#composer");
        await open.Page.Keyboard.PressAsync("Control+v");
        await Expect(open.Page.Locator(".chips li")).ToHaveCountAsync(1);
        await open.Page.SetInputFilesAsync("[data-attach]", new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "remember the milk"u8.ToArray() });
        await Expect(open.Page.Locator(".chips li")).ToHaveCountAsync(2);
        await open.Page.SetInputFilesAsync("[data-attach]", new FilePayload { Name = "picture.png", MimeType = "image/png", Buffer = [0x89, 0x50, 0, 1, 2, 255] });
        await Expect(open.Page.Locator(".notes")).ToContainTextAsync("is not a text file");
        await open.Page.FillAsync("#composer", "What is this?");
        await open.ShotAsync("attachments-desktop-light");
        await open.Page.PressAsync("#composer", "Enter");
        await open.RepliedAsync(1);
        await Expect(open.Page.Locator(".chips")).ToHaveCountAsync(0);
        await Expect(open.Page.Locator(".mine details.document")).ToHaveCountAsync(2);
        JournalMessage message = (await OnlyTreeAsync(server)).ActivePath[0];
        Assert.Equal([(PartKind.Document, "Pasted text", Provenance.Pasted), (PartKind.Document, "notes.txt", Provenance.Pasted), (PartKind.Text, null, Provenance.Typed)], message.Parts.Select(p => (p.Kind, p.Name, p.Spans.Single().Source)));
        Assert.Contains("remember the milk", server.Client.Asked[0].Messages[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Model_adapter_instructions_and_sampling_are_kept_with_the_conversation()
    {
        await using PageServer server = await PageServer.StartAsync(configure: o => o with { Tools = [Scripts.Calculator] });
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.Page.SelectOptionAsync("#model", new SelectOptionValue { Label = "reverie + terse" });
        await open.Page.GetByLabel("Instructions and sampling").First.ClickAsync();
        await open.Page.FillAsync("#system", "Answer in one line.");
        await open.Page.FillAsync("#temperature", "0.3");
        await open.Page.FillAsync("#seed", "7");
        await open.Page.Locator("fieldset .check input").UncheckAsync();
        await open.ShotAsync("settings-desktop-light");
        await open.Page.Keyboard.PressAsync("Escape");
        await open.SayAsync("hello");
        await open.RepliedAsync(1);
        await open.Page.ReloadAsync();
        await Expect(open.Page.Locator("#model")).ToHaveValueAsync("reverie\nterse");
        await Expect(open.Page.Locator("#system")).ToHaveValueAsync("Answer in one line.");
        (IReadOnlyList<Microsoft.Extensions.AI.ChatMessage> messages, Microsoft.Extensions.AI.ChatOptions? options) = server.Client.Asked[0];
        Assert.Equal("Answer in one line.", messages[0].Text);
        Assert.Equal((0.3f, 7L), (options!.Temperature, options.Seed));
        Assert.Null(options.Tools);
        Assert.Equal(Local, Assert.IsType<Reverie.Chat.ReverieChatOptions>(options).Owner);
    }

    [Fact]
    public async Task What_was_said_before_is_used_shown_with_its_source_and_can_be_turned_off()
    {
        await using PageServer server = await PageServer.StartAsync();
        await server.Journal.SetConsentAsync(Local, true, "yes");
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("My dog is called Rufus. I like tea.");
        await open.RepliedAsync(1);
        await Expect(open.Page.Locator("details.memories")).ToHaveCountAsync(0);
        string source = (await OnlyTreeAsync(server)).ActivePath[0].Id;

        await open.Page.GotoAsync(server.Url);
        await open.SayAsync("What is my dog called?");
        await open.RepliedAsync(1);
        ILocator memories = open.Page.Locator("details.memories");
        await memories.Locator("summary").ClickAsync();
        await Expect(memories.Locator("a")).ToHaveTextAsync("My dog is called Rufus. I like tea.");
        await open.ShotAsync("memories-desktop-light");
        Assert.Equal(["My dog is called Rufus.", "Your dog is called Rufus.", "What is my dog called?"], server.Client.Asked[^1].Messages.Select(m => m.Text));

        await open.Page.GetByLabel("Instructions and sampling").First.ClickAsync();
        await open.Page.UncheckAsync("#memory");
        await open.Page.Keyboard.PressAsync("Escape");
        await open.SayAsync("And again, what is my dog called?");
        await open.RepliedAsync(2);
        Assert.Equal(3, server.Client.Asked[^1].Messages.Count);
        await open.Page.ReloadAsync();
        await open.RepliedAsync(2);
        await Expect(open.Page.Locator("#memory")).Not.ToBeCheckedAsync();

        await memories.Locator("summary").ClickAsync();
        await memories.Locator("a").ClickAsync();
        await Expect(open.Page.Locator($"#m-{source}")).ToContainTextAsync("Rufus");
    }

    private static async Task<ConversationTree> OnlyTreeAsync(PageServer server)
    {
        Conversation only = Assert.Single(await server.Journal.ListConversationsAsync(Local));
        return (await server.Journal.ReadTreeAsync(Local, only.Id))!;
    }
}
