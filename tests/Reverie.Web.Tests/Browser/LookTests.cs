using Microsoft.Playwright;
using Reverie.Sleep;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

public sealed class LookTests(ChromiumFixture chromium)
{
    // Every control has a name, every text enough contrast with what is behind it (WCAG 2.2, 1.4.3), and nothing is wider than the screen.
    private const string Audit = """
        () => {
          const faults = [], canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const rgba = c => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = c; canvas.fillRect(0, 0, 1, 1); const d = canvas.getImageData(0, 0, 1, 1).data; return [d[0], d[1], d[2], d[3] / 255]; };
          const over = (a, b) => a.slice(0, 3).map((v, i) => v * a[3] + b[i] * (1 - a[3]));
          const lum = c => { const [r, g, b] = c.map(v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
          const behind = e => { const all = []; for (let n = e; n; n = n.parentElement) all.push(rgba(getComputedStyle(n).backgroundColor)); let c = [255, 255, 255]; for (const b of all.reverse()) c = over(b, c); return c; };
          const shown = e => e.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && e.getClientRects().length > 0;
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const e = walk.currentNode.parentElement, text = walk.currentNode.textContent.trim();
            if (!text || !shown(e) || e.closest('[disabled], .hidden, script, noscript, option')) continue;
            const back = behind(e), fore = over(rgba(e.closest('svg') ? getComputedStyle(e).fill : getComputedStyle(e).color), back), [a, b] = [lum(fore), lum(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
            const size = parseFloat(getComputedStyle(e).fontSize), large = size >= 24 || size >= 18.66 && +getComputedStyle(e).fontWeight >= 700;
            if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${text.slice(0, 40)} (${e.className})`);
          }
          for (const e of document.querySelectorAll('button, a[href], input, select, textarea')) {
            if (!shown(e)) continue;
            const name = e.getAttribute('aria-label') || e.innerText?.trim() || [...(e.labels ?? [])].map(l => l.getAttribute('aria-label') || l.innerText.trim()).join('') || e.title;
            if (!name) faults.push(`no name: ${e.outerHTML.slice(0, 120)}`);
          }
          const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
          for (const id of ids) if (ids.filter(i => i === id).length > 1) faults.push(`two of ${id}`);
          if (document.documentElement.scrollWidth > innerWidth) faults.push(`wider than the screen: ${document.documentElement.scrollWidth}`);
          return [...new Set(faults)];
        }
        """;

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Pages_are_readable_on_desktop_and_phone_in_light_and_dark(bool phone, bool dark)
    {
        await using PageServer server = await PageServer.StartAsync(configure: o => o with { Tools = [Scripts.Calculator] });
        Runs.Write(server.Workspace, "reverie-1", steps: 120);
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url, phone, dark);
        string kind = $"{(phone ? "phone" : "desktop")}-{(dark ? "dark" : "light")}";
        await Look("1-empty");
        await SayAsync("How does insertion sort work?");
        await open.RepliedAsync(1);
        await SayAsync("Please calculate 19 times 23");
        await open.RepliedAsync(2);
        await open.Page.Locator("details.tool summary").ClickAsync();
        await Look("2-chat");
        await open.Page.Locator("details.tool summary").ClickAsync();
        await open.Page.Locator("#main").EvaluateAsync("e => { e.scrollTop = 0; e.dispatchEvent(new Event('scroll')); }");
        await Look("3-top");
        await open.Page.GetByLabel("Instructions and sampling").First.ClickAsync();
        await Look("4-settings");
        await open.Page.Keyboard.PressAsync("Escape");
        if (phone) await open.Page.GetByLabel("Show the list").ClickAsync();
        await Look("5-list");
        await open.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Memory" }).ClickAsync();
        await Expect(open.Page.Locator(".tiles")).ToBeVisibleAsync();
        await Look("6-memory");
        await open.Page.GotoAsync(server.Url + "/training");
        await Expect(open.Page.Locator("figure").First).ToBeVisibleAsync();
        await Look("7-training");

        async Task SayAsync(string text)
        {
            await open.ReadyAsync();
            await open.Page.FillAsync("#composer", text);
            await open.Page.Locator("#send").ClickAsync();
        }

        async Task Look(string name)
        {
            await open.ShotAsync($"{kind}-{name}");
            Assert.Empty(await open.Page.EvaluateAsync<string[]>(Audit));
        }
    }

    [Fact]
    public async Task Colours_follow_the_toggle_and_stay_after_a_reload()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        await Expect(open.Page.Locator("#composer")).ToBeVisibleAsync();
        string light = await Background();
        await open.Page.GetByLabel("Light or dark").ClickAsync();
        string dark = await Background();
        Assert.NotEqual(light, dark);
        await open.Page.ReloadAsync();
        await Expect(open.Page.Locator("#composer")).ToBeVisibleAsync();
        Assert.Equal(dark, await Background());
        await open.Page.Keyboard.PressAsync("Control+Shift+L");
        Assert.Equal(light, await Background());

        Task<string> Background() => open.Page.EvaluateAsync<string>("getComputedStyle(document.documentElement).backgroundColor");
    }

    [Fact]
    public async Task Everything_can_be_done_with_the_keyboard()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        IPage page = open.Page;
        await Expect(page.Locator("#composer")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("line one");
        await page.Keyboard.PressAsync("Shift+Enter");
        await page.Keyboard.TypeAsync("line two");
        await page.Keyboard.PressAsync("Enter");
        await open.RepliedAsync(1);
        await Expect(page.Locator(".mine .said")).ToHaveTextAsync("line one\nline two");
        await Expect(page.Locator("#composer")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator(".editor textarea")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator(".editor")).ToHaveCountAsync(0);
        await Expect(page.Locator("#composer")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("ArrowUp");
        await Expect(page.Locator(".editor textarea")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync(" and more");
        await page.Keyboard.PressAsync("Control+Enter");
        await Expect(page.Locator(".mine .branches")).ToContainTextAsync("2/2");
        await open.RepliedAsync(1);

        // Backwards from the box: the buttons of the last reply are there, with a ring that can be seen.
        await page.FocusAsync("#composer");
        await TabToAsync("Bad reply", "Shift+Tab");
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator(".panel textarea")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.Locator("#shortcuts")).ToBeVisibleAsync();
        await open.ShotAsync("shortcuts-desktop-light");
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.Locator("#shortcuts")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#search")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Control+Shift+S");
        await Expect(page.Locator("#search")).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.Locator("#search")).ToBeFocusedAsync();

        async Task TabToAsync(string label, string key)
        {
            for (int i = 0; i < 40; i++)
            {
                await page.Keyboard.PressAsync(key);
                if (await page.EvaluateAsync<string?>("document.activeElement?.getAttribute('aria-label')") == label) return;
            }

            Assert.Fail($"The key {key} never reaches '{label}'.");
        }
    }

    [Fact]
    public async Task The_memory_page_shows_what_is_kept_and_takes_consent_and_deletes()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        IPage page = open.Page;
        await open.SayAsync("keep this");
        await open.RepliedAsync(1);
        await page.Locator("#new-chat").ClickAsync();
        await Expect(page.Locator(".welcome")).ToBeVisibleAsync();
        await open.SayAsync("and that");
        await open.RepliedAsync(1);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Memory" }).ClickAsync();
        await Expect(page.Locator(".tiles li").First).ToHaveTextAsync("2 conversations");
        await Expect(page.Locator("#learned")).ToContainTextAsync("Nothing has been learned from you yet. It needs your consent first.");
        await page.Locator("#consent").CheckAsync();
        await Expect(page.Locator("#learned")).ToContainTextAsync("You agreed");
        Assert.True((await server.Journal.SummarizeAsync(PageOptions.LocalUser)).HasConsent);
        await page.Locator("#share").CheckAsync();
        await Expect(page.Locator("#share ~ span")).ToContainTextAsync("may reach everybody");
        Assert.True((await server.Journal.SummarizeAsync(PageOptions.LocalUser)).IsShared);
        await open.ShotAsync("memory-desktop-light");
        await page.Locator("#share").UncheckAsync();
        await Expect(page.Locator("#share ~ span")).ToContainTextAsync("reaches nobody else");
        await page.Locator("#consent").UncheckAsync();
        await Expect(page.Locator("#learned")).ToContainTextAsync("It needs your consent first");
        await page.GetByLabel("Delete keep this").Last.ClickAsync();
        await Expect(page.Locator(".tiles li").First).ToHaveTextAsync("1 conversation");
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Delete everything" }).ClickAsync();
        await page.Locator("#delete-everything .danger").ClickAsync();
        await Expect(page.Locator(".tiles li").First).ToHaveTextAsync("0 conversations");
        JournalSummary summary = await server.Journal.SummarizeAsync(PageOptions.LocalUser);
        Assert.Equal((0L, false), (summary.Conversations, summary.HasConsent));
    }

    [Fact]
    public async Task What_sleep_learned_can_be_read_and_forgotten()
    {
        Dreamer dreamer = null!;
        await using PageServer server = await PageServer.StartAsync(sleeping: (workspace, journal) => dreamer = new Dreamer(workspace, journal));
        dreamer.Facts.Add(await Dreamer.TellAsync(server.Journal, "self/town", "Graz", "I live in Graz.", FactState.Weights, "learned"));
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url + "/memory");
        await Expect(open.Page.Locator("#sleep")).ToBeDisabledAsync();
        await open.Page.Locator("#consent").CheckAsync();
        await open.Page.Locator("#sleep").ClickAsync();
        await Expect(open.Page.Locator("#report")).ToContainTextAsync("Morning 1: small learned 1 fact.");
        await Expect(open.Page.Locator("#learned li")).ToContainTextAsync("You live in Graz.");
        Assert.Empty(await open.Page.EvaluateAsync<string[]>(Audit));
        await open.ShotAsync("sleep-desktop-light", full: true);
        await open.Page.GetByLabel("Forget: You live in Graz.").ClickAsync();
        await Expect(open.Page.Locator("#plan")).ToContainTextAsync("1 morning for good");
        await open.Page.Locator("#forget").ClickAsync();
        await Expect(open.Page.Locator("#receipt")).ToContainTextAsync("Forgotten.");
        await Expect(open.Page.Locator("#learned")).ToContainTextAsync("Nothing has been learned");
        Assert.Empty(await open.Page.EvaluateAsync<string[]>(Audit));
    }

    [Fact]
    public async Task The_training_page_follows_a_run_that_learns()
    {
        await using PageServer server = await PageServer.StartAsync();
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url + "/training");
        await Expect(open.Page.Locator(".lead")).ToContainTextAsync("There is no run in this workspace yet.");
        Runs.Write(server.Workspace, "reverie-1", steps: 40, runs: true);
        await Expect(open.Page.Locator("figure").First).ToBeVisibleAsync();
        await Expect(open.Page.Locator(".running")).ToHaveTextAsync("reverie-1");
        await Expect(open.Page.Locator(".samples li")).ToHaveCountAsync(4);
        Runs.Write(server.Workspace, "reverie-1", steps: 60, runs: true);
        await Expect(open.Page.Locator(".samples li")).ToHaveCountAsync(6);
        await open.Page.GotoAsync(server.Url + "/training/..%2f..%2fetc");
        await Expect(open.Page.Locator("[role=alert]").First).ToContainTextAsync("There is no run");
    }
}
