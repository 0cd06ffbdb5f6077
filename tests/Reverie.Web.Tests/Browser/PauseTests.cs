using Microsoft.Playwright;
using Reverie.Sleep;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

public sealed class PauseTests(ChromiumFixture chromium)
{
    private const string Here = "document.querySelector('#main').scrollTop";

    [Fact]
    public async Task A_hidden_tab_gives_its_circuit_back_and_goes_on_where_it_was()
    {
        await using PageServer server = await StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        IPage page = open.Page;
        for (int i = 1; i <= 3; i++)
        {
            await open.SayAsync("How does insertion sort work?");
            await open.RepliedAsync(i);
        }

        // Another branch is the newest; this one is shown.
        await page.Locator(".theirs").Last.GetByLabel("Reply again").ClickAsync();
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("2/2");
        await page.Locator(".theirs").Last.GetByLabel("Previous version").ClickAsync();
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("1/2");
        await page.FillAsync("#search", "insertion");
        await Expect(page.Locator(".hit").First).ToBeVisibleAsync();
        await page.FillAsync("#composer", "and not yet sent");
        await page.Locator("#main").EvaluateAsync("e => { e.scrollTop = 700; }");
        await Expect(page.Locator("#to-end")).ToBeVisibleAsync();
        double above = await page.EvaluateAsync<double>(Here);

        await open.HideAsync();
        await server.Circuits.BecomeAsync(0);
        await open.ShotAsync("paused-desktop-light");

        // Meanwhile the other branch is looked at elsewhere.
        Conversation only = Assert.Single(await server.Journal.ListConversationsAsync(PageOptions.LocalUser));
        ConversationTree tree = (await server.Journal.ReadTreeAsync(PageOptions.LocalUser, only.Id))!;
        await server.Journal.SetActiveLeafAsync(PageOptions.LocalUser, only.Id, tree.NewestLeaf(tree.ActivePath[^2]).Id);

        await open.HideAsync(false);
        await server.Circuits.BecomeAsync(1);
        await Expect(page.Locator(".shell:not([inert]) .theirs")).ToHaveCountAsync(3);
        await Expect(page.Locator(".theirs").Last.Locator(".branches")).ToContainTextAsync("1/2");
        await Expect(page.Locator("#composer")).ToHaveValueAsync("and not yet sent");
        await Expect(page.Locator("#search")).ToHaveValueAsync("insertion");
        await Expect(page.Locator(".hit").First).ToBeVisibleAsync();
        await page.WaitForFunctionAsync($"Math.abs({Here} - {above.ToString(System.Globalization.CultureInfo.InvariantCulture)}) < 2");
        await Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await page.PressAsync("#composer", "Enter");
        await open.RepliedAsync(4);
        await Expect(page.Locator(".theirs").Last).ToContainTextAsync("You said: and not yet sent");

        // And again, from the end, which stays in view.
        await page.Locator("#to-end").ClickAsync();
        await Expect(page.Locator("#to-end")).ToBeHiddenAsync();
        await open.HideAsync();
        await server.Circuits.BecomeAsync(0);
        await open.HideAsync(false);
        await Expect(page.Locator(".shell:not([inert]) .theirs")).ToHaveCountAsync(4);
        await Expect(page.Locator("#to-end")).ToBeHiddenAsync();
        await open.SayAsync("still there?");
        await open.RepliedAsync(5);
        Assert.Equal(1, server.Circuits.Count);
    }

    [Fact]
    public async Task What_was_chosen_for_a_new_conversation_is_there_again()
    {
        await using PageServer server = await StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.ReadyAsync();
        await open.Page.GetByLabel("Instructions and sampling").First.ClickAsync();
        await open.Page.FillAsync("#system", "Answer in one line.");
        await open.Page.FillAsync("#temperature", "0.3");
        await open.HideAsync();
        await Task.Delay(500);
        Assert.Equal(1, server.Circuits.Count);
        await open.Page.Keyboard.PressAsync("Escape");
        await server.Circuits.BecomeAsync(0);
        await open.HideAsync(false);
        await Expect(open.Page.Locator(".shell:not([inert])")).ToHaveCountAsync(1);
        await open.SayAsync("hello");
        await open.RepliedAsync(1);
        Assert.Equal("Answer in one line.", server.Client.Asked[0].Messages[0].Text);
        Assert.Equal(0.3f, server.Client.Asked[0].Options!.Temperature);
    }

    [Fact]
    public async Task A_streaming_reply_is_not_interrupted_by_hiding()
    {
        await using PageServer server = await StartAsync(TimeSpan.FromMilliseconds(1));
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("A long one");
        await Expect(open.Page.Locator(".live")).ToContainTextAsync("word5");
        await open.HideAsync();
        await Expect(open.Page.Locator(".live")).ToContainTextAsync("word400");
        Assert.Equal(1, server.Circuits.Count);
        await open.RepliedAsync(1);
        await Expect(open.Page.Locator(".theirs")).ToContainTextAsync("word2000");
        await server.Circuits.BecomeAsync(0);
        await open.HideAsync(false);
        await open.SayAsync("hello");
        await open.RepliedAsync(2);
    }

    [Fact]
    public async Task What_only_the_circuit_holds_is_not_given_up()
    {
        await using PageServer server = await StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await open.SayAsync("first question");
        await open.RepliedAsync(1);
        await open.Page.SetInputFilesAsync("[data-attach]", new FilePayload { Name = "notes.txt", MimeType = "text/plain", Buffer = "remember the milk"u8.ToArray() });
        await Expect(open.Page.Locator(".chips li")).ToHaveCountAsync(1);
        await StaysAsync();
        await open.Page.GetByLabel("Remove notes.txt").ClickAsync();
        await open.Page.Locator(".mine").GetByLabel("Edit the message").ClickAsync();
        await open.Page.FillAsync(".editor textarea", "first question, better put");
        await StaysAsync();
        await Expect(open.Page.Locator(".editor textarea")).ToHaveValueAsync("first question, better put");
        await open.Page.Locator(".editor [data-cancel]").ClickAsync();
        await open.HideAsync();
        await server.Circuits.BecomeAsync(0);

        async Task StaysAsync()
        {
            await open.HideAsync();
            await Task.Delay(500);
            await open.HideAsync(false);
            Assert.Equal(1, server.Circuits.Count);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_the_server_has_started_again_the_conversation_and_the_draft_are_there(bool keepsKeys)
    {
        string folder = Directory.CreateTempSubdirectory("reverie-page-").FullName;
        PageServer server = await StartAsync(folder: folder);
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        open.Expected.AddRange(["WebSocket", "ERR_", "onnection", "negotiation", "Failed to resume"]);
        await open.SayAsync("first question");
        await open.RepliedAsync(1);
        await open.Page.FillAsync("#composer", "and not yet sent");
        string address = open.Page.Url;
        await open.HideAsync();
        await server.Circuits.BecomeAsync(0);
        await server.StopAsync();
        await open.HideAsync(false);
        await Expect(open.Page.GetByText("The server does not answer.")).ToBeVisibleAsync();

        // Without the keys the server cannot read what it gave the browser, as after a day.
        if (!keepsKeys) Directory.Delete(Path.Combine(folder, "page-keys"), recursive: true);
        await using PageServer next = await StartAsync(folder: folder, port: new Uri(server.Url).Port);
        await next.Circuits.BecomeAsync(1);
        await Expect(open.Page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
        await Expect(open.Page.Locator(".shell:not([inert]) .theirs")).ToContainTextAsync("You said: first question");
        Assert.Equal(address, open.Page.Url);
        await Expect(open.Page.Locator("#composer")).ToHaveValueAsync("and not yet sent");
        await open.Page.PressAsync("#composer", "Enter");
        await open.RepliedAsync(2);
        await server.DisposeAsync();
    }

    private static Task<PageServer> StartAsync(TimeSpan pace = default, string? folder = null, int port = 0) =>
        PageServer.StartAsync(configure: o => o with { PauseAfter = TimeSpan.FromMilliseconds(100) }, pace: pace, folder: folder, port: port);
}
