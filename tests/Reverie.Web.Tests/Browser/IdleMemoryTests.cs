using System.Globalization;
using static Microsoft.Playwright.Assertions;

namespace Reverie.Web.Tests;

/// <summary>What the server holds for conversations that are open and that nobody looks at.</summary>
public sealed class IdleMemoryTests(ChromiumFixture chromium)
{
    private const int Pages = 20, Exchanges = 5;
    private const double Most = 50;

    // The server ends connections that nothing comes through after 130 s, and pools of buffers, which all pages share, shrink a minute after they were needed.
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(150);

    [Fact]
    public async Task An_idle_conversation_that_is_open_costs_less_than_50_KB()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable("REVERIE_MEASURE") is not null, "Set the environment variable REVERIE_MEASURE to measure it, which takes eight minutes.");

        // The browser's driver has objects for each page too: the server is a process of its own.
        chromium.Browser();
        (string url, Task killed) = await KillTests.ServeAsync(Directory.CreateTempSubdirectory("reverie-page-").FullName);
        await using OpenPage meter = await OpenPage.OpenAsync(chromium, url);
        meter.Expected.AddRange(["WebSocket", "ERR_", "onnection", "negotiation"]);
        var pages = new List<OpenPage>();
        try
        {
            string address;
            await using (OpenPage first = await OpenPage.OpenAsync(chromium, url))
            {
                for (int i = 1; i <= Exchanges; i++)
                {
                    await first.SayAsync(string.Concat(Enumerable.Repeat("How does insertion sort work, and when is it better than others? ", 12)));
                    await first.RepliedAsync(i);
                }

                address = first.Page.Url;
                await first.HideAsync();
                await Expect(first.Page.Locator(".shell[inert]")).ToHaveCountAsync(1);
                await first.HideAsync(false);
                await first.ReadyAsync();
            }

            (double before, double setBefore) = await RestAsync(0);
            for (int i = 0; i < Pages; i++)
            {
                pages.Add(await OpenPage.OpenAsync(chromium, address));
                await pages[^1].RepliedAsync(Exchanges);
            }

            (double open, double setOpen) = await MeasureAsync(Pages);
            foreach (OpenPage page in pages) await page.HideAsync();
            (double paused, double setPaused) = await RestAsync(0);
            TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"Of {Pages} pages, KB each of objects (and of working set): open {Each(open - before):F0} ({Each(setOpen - setBefore):F0}), paused {Each(paused - before):F0} ({Each(setPaused - setBefore):F0})."));
            Assert.InRange(Each(paused - before), double.MinValue, Most);
        }
        finally
        {
            foreach (OpenPage page in pages) await page.DisposeAsync();
            await meter.Page.GotoAsync(url);
            await meter.SayAsync("a long one");
            await killed.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        }

        static double Each(double bytes) => bytes / Pages / 1024;

        async Task<(double Objects, double Set)> RestAsync(int circuits)
        {
            await MeasureAsync(circuits);
            await Task.Delay(_rest, TestContext.Current.CancellationToken);
            return await MeasureAsync(circuits);
        }

        // Beside the pages there is the one that measures, with a conversation as short each time.
        async Task<(double Objects, double Set)> MeasureAsync(int circuits)
        {
            for (int tries = 0; tries < 60; tries++, await Task.Delay(500))
            {
                await meter.Page.GotoAsync(url);
                await meter.SayAsync(KillTests.Measure);
                await meter.RepliedAsync(1);
                string[] said = (await meter.Page.Locator(".theirs .said").InnerTextAsync()).Split(' ');
                if (said[2] == (circuits + 1).ToString(CultureInfo.InvariantCulture)) return (double.Parse(said[0], CultureInfo.InvariantCulture), double.Parse(said[1], CultureInfo.InvariantCulture));
            }

            throw new TimeoutException($"There are not {circuits} circuits.");
        }
    }
}
