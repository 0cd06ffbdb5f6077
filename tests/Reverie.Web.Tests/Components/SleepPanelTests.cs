using Bunit;
using Microsoft.Extensions.DependencyInjection;
using Reverie.Models;
using Reverie.Serving;
using Reverie.Sleep;
using Reverie.Web.Components;

namespace Reverie.Web.Tests;

public sealed class SleepPanelTests : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Workspace _workspace = new(Directory.CreateTempSubdirectory("reverie-page-").FullName);
    private readonly IJournal _journal;
    private readonly Dreamer _dreamer;
    private readonly Nights _nights;
    private readonly BunitContext _page = new();

    public SleepPanelTests()
    {
        _journal = SqliteJournal.Open(_workspace.JournalFile);
        _dreamer = new Dreamer(_workspace, _journal);
        _nights = new Nights(_workspace, _journal, _dreamer);
        _page.Services.AddSingleton(_nights).AddSingleton(_journal).AddSingleton(new PageOptions()).AddScoped<PageUser>().AddScoped<PageState>();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _nights.Dispose();
        await _journal.DisposeAsync();
        Directory.Delete(_workspace.Root, recursive: true);
    }

    [Fact]
    public async Task A_night_is_shown_and_its_morning_can_be_left_for_another()
    {
        await _journal.SetConsentAsync(PageOptions.LocalUser, true, "yes");
        _dreamer.Facts.Add(await Dreamer.TellAsync(_journal, "self/town", "Graz", "I live in Graz.", FactState.Weights, "learned"));
        _dreamer.Facts.Add(await Dreamer.TellAsync(_journal, "self/town", "Linz", "I live in Linz.", FactState.Retrieval, "the gates refused it"));
        var gate = new TaskCompletionSource();
        _dreamer.Gate = gate.Task;
        IRenderedComponent<SleepPanel> panel = _page.Render<SleepPanel>(p => p.Add(v => v.HasConsent, true));
        Assert.Contains("Nothing has been learned from you yet.", panel.Find("#learned").TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("#mornings"));

        panel.Find("#sleep").Click();
        Wait(panel, () => Assert.Contains("It sleeps: studying 1 new fact.", panel.Find("#night [role=status]").TextContent, StringComparison.Ordinal));
        Assert.Equal("0.500", panel.Find("progress").GetAttribute("value"));
        Assert.True(panel.Find("#sleep").HasAttribute("disabled"));
        Assert.True(panel.Find("#night").HasAttribute("data-keep"));
        gate.SetResult();
        Wait(panel, () => Assert.StartsWith("Morning 1: small learned 1 fact. It answers with them from now on.\n  + You live in Graz.\n  - You live in Linz. (the gates refused it)", panel.Find("#report").TextContent, StringComparison.Ordinal));
        Wait(panel, () => Assert.False(panel.Find("#night").HasAttribute("data-keep")));
        Assert.Equal(["You live in Graz."], panel.FindAll("#learned li > span:first-child").Select(e => e.TextContent));
        Assert.Contains("found by retrieval: the gates refused it", panel.Find("#others").TextContent, StringComparison.Ordinal);

        _dreamer.Facts.Add(await Dreamer.TellAsync(_journal, "self/name", "Ada", "My name is Ada.", FactState.Weights, "learned"));
        panel.Find("#sleep").Click();
        Wait(panel, () => Assert.Equal(["Morning 2answers you", "Morning 1", "Without memories"], Standing(panel)));
        Assert.Equal(2, panel.FindAll("#learned li").Count);

        Press(panel, "Use morning 1");
        Wait(panel, () => Assert.Equal(["Morning 2", "Morning 1answers you", "Without memories"], Standing(panel)));
        Assert.Single(panel.FindAll("#learned li"));
        Assert.Equal(1, _nights.MorningsOf(PageOptions.LocalUser).Current(_dreamer.BaseId!)?.Number);
        Press(panel, "Pin morning 1");
        Wait(panel, () => Assert.Equal(["Morning 2", "Morning 1answers you, pinned", "Without memories"], Standing(panel)));
        Press(panel, "Unpin morning 1");
        Press(panel, "Use without memories");
        Wait(panel, () => Assert.Equal(["Morning 2", "Morning 1", "Without memoriesanswers you"], Standing(panel)));
        Assert.Null(_nights.MorningsOf(PageOptions.LocalUser).Current(_dreamer.BaseId!));
        Assert.Contains("Nothing has been learned", panel.Find("#learned").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_night_can_be_stopped_and_leaves_nothing()
    {
        await _journal.SetConsentAsync(PageOptions.LocalUser, true, "yes");
        _dreamer.Facts.Add(await Dreamer.TellAsync(_journal, "self/town", "Graz", "I live in Graz.", FactState.Weights, "learned"));
        _dreamer.Gate = new TaskCompletionSource().Task;
        IRenderedComponent<SleepPanel> panel = _page.Render<SleepPanel>(p => p.Add(v => v.HasConsent, true));
        Assert.Empty(panel.FindAll("#stop-night"));
        panel.Find("#sleep").Click();
        string noted = "";
        _page.Services.GetRequiredService<PageState>().Noted += text => noted = text;
        panel.WaitForElement("#stop-night", _patience).Click();
        Wait(panel, () => Assert.False(panel.Find("#sleep").HasAttribute("disabled")));
        Assert.StartsWith("The night was stopped. Yesterday's morning answers on", noted, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("#stop-night, #report, #mornings"));

        _dreamer.Gate = Task.CompletedTask;
        panel.Find("#sleep").Click();
        Wait(panel, () => Assert.Equal(["Morning 1answers you", "Without memories"], Standing(panel)));
    }

    [Fact]
    public async Task Forgetting_shows_what_goes_and_then_the_receipt()
    {
        await _journal.SetConsentAsync(PageOptions.LocalUser, true, "yes");
        FactRecord fact = await Dreamer.TellAsync(_journal, "self/town", "Graz", "I live in Graz.", FactState.Weights, "learned");
        _dreamer.Facts.Add(fact);
        await _nights.SleepAsync(PageOptions.LocalUser);
        bool changed = false;
        IRenderedComponent<SleepPanel> panel = _page.Render<SleepPanel>(p => p.Add(v => v.HasConsent, true).Add(v => v.OnChanged, () => changed = true));
        Press(panel, "Forget: You live in Graz.");
        Wait(panel, () => Assert.Contains("This erases 1 message (1 whole conversation), 1 fact and 1 morning for good.", panel.Find("#plan").TextContent, StringComparison.Ordinal));
        Assert.Contains("I live in Graz.", panel.Find("#plan .lines").TextContent, StringComparison.Ordinal);
        Assert.NotNull(await _journal.FindMessageAsync(PageOptions.LocalUser, fact.Sources[0]));

        panel.Find("#forget").Click();
        Wait(panel, () => Assert.StartsWith("Forgotten.\n  1 message, 1 fact and 1 morning of local were erased at ", panel.Find("#receipt").TextContent, StringComparison.Ordinal));
        Assert.Empty(panel.FindAll("#plan, #report, #mornings"));
        Assert.Contains("Nothing has been learned", panel.Find("#learned").TextContent, StringComparison.Ordinal);
        Assert.True(changed);
        Assert.Null(await _journal.FindMessageAsync(PageOptions.LocalUser, fact.Sources[0]));
        Assert.Empty(_nights.MorningsOf(PageOptions.LocalUser).List());
        string receipt = Assert.Single(Directory.GetFiles(Path.Combine(_workspace.Root, "receipts"), "*.json"));
        Assert.Equal([1], Receipt.Verify(_workspace, receipt).Mornings);
    }

    [Fact]
    public async Task Who_comes_second_is_told_to_wait_and_who_withdraws_is_answered_without_memories()
    {
        await _journal.SetConsentAsync("ada", true, "yes");
        var gate = new TaskCompletionSource();
        _dreamer.Gate = gate.Task;
        Task<MorningReport> hers = _nights.SleepAsync("ada");
        IRenderedComponent<SleepPanel> panel = _page.Render<SleepPanel>(p => p.Add(v => v.HasConsent, true));
        Assert.Contains("The model sleeps for somebody else now.", panel.Find("#night").TextContent, StringComparison.Ordinal);
        Assert.Empty(panel.FindAll("#stop-night"));
        Assert.DoesNotContain("ada", panel.Markup, StringComparison.Ordinal);
        Assert.True(panel.Find("#sleep").HasAttribute("disabled"));
        await _journal.SetConsentAsync("ada", false, "no");
        gate.SetResult();
        await hers;
        Assert.Null(_nights.MorningsOf("ada").Current(_dreamer.BaseId!));
        Wait(panel, () => Assert.False(panel.Find("#sleep").HasAttribute("disabled")));
        Assert.Empty(panel.FindAll("#report, #mornings"));
    }

    private static void Wait(IRenderedComponent<SleepPanel> panel, Action assertion) => panel.WaitForAssertion(assertion, _patience);

    private static void Press(IRenderedComponent<SleepPanel> panel, string label)
    {
        panel.WaitForElement($"[aria-label='{label}']:not([disabled])", _patience);
        panel.Find($"[aria-label='{label}']").Click();
    }

    private static string[] Standing(IRenderedComponent<SleepPanel> panel) => [.. panel.FindAll("#mornings li").Select(e => string.Concat(e.Children.Where(c => c.TagName is "SPAN" or "B" && !c.ClassList.Contains("soft")).Select(c => c.TextContent)))];
}
