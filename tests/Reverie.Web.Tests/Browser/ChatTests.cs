using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

public sealed class ChatTests(ChromiumFixture chromium)
{
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
    }
}
