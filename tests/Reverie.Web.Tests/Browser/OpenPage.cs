using Microsoft.Playwright;

namespace Reverie.Web.Tests;

/// <summary>A page in a browser context of its own. Whatever a script shows, reports or breaks fails the test.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private static readonly string _screenshots = Path.Combine(Root(), "TestResults", "screenshots");

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    private readonly IBrowserContext _context;
    private readonly List<string> _faults = [];

    private OpenPage(IBrowserContext context, IPage page)
    {
        (_context, Page) = (context, page);
        page.Dialog += async (_, dialog) =>
        {
            Fault($"a dialog: {dialog.Message}");
            await dialog.DismissAsync();
        };
        page.PageError += (_, error) => Fault($"an error: {error}");
        page.Console += (_, message) =>
        {
            if (message.Type == "error") Fault($"the console: {message.Text} {message.Location}");
        };
        page.Request += (_, request) =>
        {
            string host = new Uri(request.Url).Host;
            if (host is not ("127.0.0.1" or "localhost" or "")) Fault($"a request to {request.Url}");
        };
    }

    public IPage Page { get; }

    /// <summary>Faults that a test expects; their texts.</summary>
    public List<string> Expected { get; } = [];

    public static async Task<OpenPage> OpenAsync(ChromiumFixture chromium, string url, bool phone = false, bool dark = false)
    {
        IBrowserContext context = await chromium.Browser().NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = phone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 820 },
            DeviceScaleFactor = phone ? 2 : 1,
            IsMobile = phone,
            HasTouch = phone,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            AcceptDownloads = true,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout((float)_patience.TotalMilliseconds);
        IPage page = await context.NewPageAsync();
        var opened = new OpenPage(context, page);
        await page.GotoAsync(url);
        return opened;
    }

    /// <summary>Writes what is to be said and sends it.</summary>
    public async Task SayAsync(string text)
    {
        await ReadyAsync();
        await Page.FillAsync("#composer", text);
        await Page.PressAsync("#composer", "Enter");
    }

    /// <summary>Waits until the box belongs to the conversation of the address, and the page to a circuit.</summary>
    public async Task ReadyAsync()
    {
        string[] path = new Uri(Page.Url).AbsolutePath.Split('/');
        await Page.Locator($".shell:not([inert]) [data-key='{(path is [_, "c", var id] ? id : "new")}']").WaitForAsync();
    }

    /// <summary>Waits for the end of the reply.</summary>
    public async Task RepliedAsync(int replies)
    {
        try
        {
            await Assertions.Expect(Page.Locator(".theirs:not(.live)")).ToHaveCountAsync(replies);
            await Assertions.Expect(Page.Locator(".live")).ToHaveCountAsync(0);
        }
        catch (PlaywrightException)
        {
            await ShotAsync("failure");
            throw;
        }
    }

    /// <summary>Hides the tab or shows it, as far as the page can tell: without a screen, all tabs are visible.</summary>
    public Task HideAsync(bool hidden = true) => Page.EvaluateAsync("""
        hidden => {
          Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
          Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
          document.dispatchEvent(new Event('visibilitychange'));
        }
        """, hidden);

    public Task ShotAsync(string name, bool full = false) => Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(_screenshots, name + ".png"), FullPage = full });

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync().WaitAsync(_patience);
        lock (_faults)
        {
            string unexpected = string.Join("\n", _faults.Where(f => !Expected.Any(e => f.Contains(e, StringComparison.Ordinal))));
            if (unexpected.Length > 0) Assert.Fail(unexpected);
        }
    }

    private void Fault(string text)
    {
        lock (_faults) _faults.Add(text);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder.Parent is not null && !File.Exists(Path.Combine(folder.FullName, "Reverie.slnx"))) folder = folder.Parent;
        return folder.FullName;
    }
}
