using Microsoft.Playwright;
using Reverie.Web.Tests;

[assembly: AssemblyFixture(typeof(ChromiumFixture))]

namespace Reverie.Web.Tests;

/// <summary>One browser for all tests; each has contexts of its own.</summary>
public sealed class ChromiumFixture : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    private static string? Executable { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(f => (string[])[Path.Combine(f, "chromium"), Path.Combine(f, "chromium-browser"), Path.Combine(f, "google-chrome")]).FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        // A process that is to be killed would leave its browser behind.
        if (Executable is null || KillTests.IsToBeKilled) return;
        Environment.SetEnvironmentVariable("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
        // A machine that builds and tests everything at once is slow.
        Assertions.SetDefaultExpectTimeout(20_000);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <summary>The browser; where there is none, the test is skipped and says why.</summary>
    public IBrowser Browser()
    {
        Assert.SkipWhen(_browser is null, "No chromium on the PATH: install Debian's package 'chromium' to run the page in a browser.");
        return _browser!;
    }
}
