using System.Globalization;
using Microsoft.Extensions.AI;
using Microsoft.Playwright;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Sleep.Tests;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

/// <summary>The server under <c>kill -9</c> while somebody talks on the page.</summary>
public sealed class KillTests(ChromiumFixture chromium)
{
    private const string Variable = "REVERIE_TESTS_SERVE", At = "word90";

    /// <summary>Asks the server of its own what it holds; it answers with bytes in objects, bytes in memory, and circuits.</summary>
    public const string Measure = "measure";

    /// <summary>Whether this process serves the page for a test of another process.</summary>
    public static bool IsToBeKilled => Environment.GetEnvironmentVariable(Variable) is not null;

    [Fact]
    public async Task A_server_of_its_own_serves_until_it_is_killed()
    {
        string? folder = Environment.GetEnvironmentVariable(Variable);
        PageServer? measured = null;
        await using PageServer server = await PageServer.StartAsync(
            (messages, options) => messages[^1].Text == Measure ? [new TextContent(Held(measured!))] : Scripts.Conversation(messages, options).Select(Announce),
            configure: o => o with { PauseAfter = TimeSpan.FromSeconds(1) }, pace: TimeSpan.FromMilliseconds(10), folder: folder);
        measured = server;
        Say(server.Url);
        if (folder is not null) await Task.Delay(Timeout.Infinite, TestContext.Current.CancellationToken);
        using var client = new HttpClient();
        Assert.Equal("ok", System.Text.Json.JsonDocument.Parse(await client.GetStringAsync(new Uri(server.Url + "/health"), TestContext.Current.CancellationToken)).RootElement.GetProperty("status").GetString());

        AIContent Announce(AIContent content)
        {
            if (content is TextContent text && text.Text.Trim() == At) Say(At);
            return content;
        }

        // What goes through Console is kept for the report of the test.
        void Say(string line)
        {
            if (folder is null) return;
            using var output = new StreamWriter(Console.OpenStandardOutput());
            output.WriteLine(line);
        }
    }

    [Fact]
    public async Task What_was_said_is_there_after_a_kill_and_the_question_can_be_asked_again()
    {
        chromium.Browser();
        string folder = Directory.CreateTempSubdirectory("reverie-page-").FullName;
        (string at, Task killed) = await ServeAsync(folder);
        await using OpenPage open = await OpenPage.OpenAsync(chromium, at);
        open.Expected.AddRange(["WebSocket", "ERR_", "onnection", "negotiation"]);
        IPage page = open.Page;
        await open.SayAsync("first question");
        await open.RepliedAsync(1);
        ILocator good = page.Locator(".theirs").First.GetByLabel("Good reply");
        await good.ClickAsync();
        await Expect(good).ToHaveAttributeAsync("aria-pressed", "true");
        await open.SayAsync("now a long one");
        await Expect(page.Locator(".live")).ToContainTextAsync("word20");
        await killed.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await Expect(page.GetByText("The connection was lost.")).ToBeVisibleAsync();
        await open.ShotAsync("killed-desktop-light");

        await using PageServer next = await PageServer.StartAsync(folder: folder, port: new Uri(at).Port);
        await page.GetByText("Load the page").ClickAsync();
        await Expect(page.Locator(".turn")).ToHaveCountAsync(3);
        await Expect(page.Locator(".theirs").First).ToContainTextAsync("You said: first question");
        await Expect(good).ToHaveAttributeAsync("aria-pressed", "true");
        await Expect(page.Locator(".mine").Last).ToContainTextAsync("now a long one");
        await page.GetByText("Ask again").ClickAsync();
        await open.RepliedAsync(2);
        await Expect(page.Locator(".theirs").Last).ToContainTextAsync("word2000");
        ConversationTree tree = (await next.Journal.ReadTreeAsync("local", (await next.Journal.ListConversationsAsync("local")).Single().Id))!;
        Assert.Equal([Role.User, Role.Assistant, Role.User, Role.Assistant], tree.ActivePath.Select(m => m.Role));
    }

    /// <summary>Starts a process that serves the page from a folder. It is killed in the middle of a long reply.</summary>
    internal static async Task<(string Url, Task Killed)> ServeAsync(string folder)
    {
        var url = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task killed = KilledProcess.RunAsync(typeof(KillTests), nameof(A_server_of_its_own_serves_until_it_is_killed), Variable, folder, TimeSpan.FromMilliseconds(100), line =>
        {
            // The runner's colours may stand before it.
            if (line.IndexOf("http://", StringComparison.Ordinal) is >= 0 and int start) url.TrySetResult(line[start..]);
            return line.EndsWith(At, StringComparison.Ordinal);
        });
        return (await url.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken), killed);
    }

    private static string Held(PageServer server)
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return string.Create(CultureInfo.InvariantCulture, $"{GC.GetTotalMemory(forceFullCollection: true)} {Environment.WorkingSet} {server.Circuits.Count}");
    }
}
