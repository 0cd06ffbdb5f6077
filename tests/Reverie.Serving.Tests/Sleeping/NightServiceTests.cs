using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Serving.Tests;

public sealed class NightServiceTests : IAsyncDisposable
{
    private static readonly TimeZoneInfo _zone = TimeZoneInfo.CreateCustomTimeZone("Test", TimeSpan.FromHours(1), "Test", "Test", "Test, summer",
    [
        TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
    ]);

    private readonly Workspace _workspace = new(Directory.CreateTempSubdirectory("reverie-nights-").FullName);
    private readonly IJournal _journal;

    public NightServiceTests() => _journal = SqliteJournal.Open(_workspace.JournalFile);

    private static CancellationToken Cancel => Xunit.TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        Directory.Delete(_workspace.Root, recursive: true);
    }

    [Theory]
    [InlineData("2026-11-23T03:59:00+01:00", "04:00", "2026-11-23T04:00:00+01:00")]
    [InlineData("2026-11-23T04:00:00+01:00", "04:00", "2026-11-24T04:00:00+01:00")]
    [InlineData("2026-12-31T23:30:00+01:00", "00:15", "2027-01-01T00:15:00+01:00")]
    [InlineData("2026-03-28T12:00:00+01:00", "02:30", "2026-03-29T03:30:00+02:00")]
    [InlineData("2026-07-01T12:00:00+02:00", "02:30", "2026-07-02T02:30:00+02:00")]
    public void The_next_night_is_at_its_local_time_also_where_the_clocks_change(string now, string at, string next) =>
        Assert.Equal(DateTimeOffset.Parse(next, null), NightService.Next(new ManualClock(DateTimeOffset.Parse(now, null), _zone), TimeOnly.Parse(at, null)));

    [Fact]
    public async Task At_its_time_all_who_agreed_sleep_one_after_another_and_one_who_fails_stops_nobody()
    {
        var users = new UserStore(_workspace);
        foreach (string user in new[] { "ada", "bob", "ada", "cora" }) users.Add(user);
        foreach (string user in new[] { "local", "ada", "cora" }) await _journal.SetConsentAsync(user, true, "yes", Cancel);
        await _journal.SetSharingAsync("ada", true, "yes", Cancel);
        var slept = new ConcurrentQueue<(string User, DateTime Time)>();
        var clock = new ManualClock(DateTimeOffset.Parse("2026-11-23T12:00:00+01:00", null), _zone);
        int asleep = 0;
        using var nights = new Nights(_workspace, _journal, new Dreamer(async (user, _) =>
        {
            Assert.Equal(1, Interlocked.Increment(ref asleep));
            await Task.Yield();
            Interlocked.Decrement(ref asleep);
            slept.Enqueue((user, clock.GetLocalNow().DateTime));

            // From now on two share, and there is something for the company to learn.
            if (user == "cora") await _journal.SetSharingAsync(user, true, "yes", CancellationToken.None);
            return user == "ada" ? throw new ReverieException("The journal of ada cannot be read.") : Report(user);
        }));
        var log = new LogLines();
        using var service = new NightService(nights, users, _journal, new TimeOnly(2, 0), clock, log);
        await service.StartAsync(Cancel);
        while (clock.GetLocalNow().DateTime < new DateTime(2026, 11, 25, 3, 0, 0)) await clock.StepAsync();
        await service.StopAsync(Cancel);
        DateTime first = new(2026, 11, 24, 2, 0, 0), second = first.AddDays(1);
        Assert.Equal([("local", first), ("ada", first), ("cora", first), (PersonalAdapters.Company, second), ("local", second), ("ada", second), ("cora", second)], slept);
        Assert.Equal(7, log.Lines.Count);
        Assert.Equal(["Information: Night of local: There was nothing new to learn.",
            "Error: The night of ada failed, and yesterday's morning serves on: The journal of ada cannot be read.",
            "Information: Night of cora: There was nothing new to learn."], log.Lines.Take(3));
    }

    [Fact]
    public async Task The_end_of_the_server_ends_a_night_in_its_middle()
    {
        await _journal.SetConsentAsync("local", true, "yes", Cancel);
        var begun = new TaskCompletionSource();
        using var nights = new Nights(_workspace, _journal, new Dreamer(async (user, stop) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, stop);
            return Report(user);
        }));
        var log = new LogLines();
        var clock = new ManualClock(DateTimeOffset.Parse("2026-11-23T01:59:00+01:00", null), _zone);
        using var service = new NightService(nights, new UserStore(_workspace), _journal, new TimeOnly(2, 0), clock, log);
        await service.StartAsync(Cancel);
        await clock.StepAsync();
        await begun.Task.WaitAsync(Cancel);
        Assert.Equal("local", nights.Running?.Owner);
        await service.StopAsync(Cancel);
        await nights.StopAsync(Cancel);
        Assert.Null(nights.Running);
        Assert.Empty(log.Lines);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => nights.SleepAsync("local", cancellation: Cancel));
    }

    [Fact]
    public async Task Its_owner_alone_stops_a_night_and_the_next_one_begins_as_if_there_had_been_none()
    {
        await _journal.SetConsentAsync("ada", true, "yes", Cancel);
        var begun = new TaskCompletionSource();
        bool sleepsOn = true;
        using var nights = new Nights(_workspace, _journal, new Dreamer(async (user, stop) =>
        {
            begun.TrySetResult();
            if (sleepsOn) await Task.Delay(Timeout.Infinite, stop);
            return Report(user);
        }));
        Assert.False(nights.Stop("ada"));
        Task<MorningReport> night = nights.SleepAsync("ada", cancellation: Cancel);
        await begun.Task.WaitAsync(Cancel);
        Assert.False(nights.Stop("bob"));
        Assert.False(night.IsCompleted);
        Assert.True(nights.Stop("ada"));
        Assert.StartsWith("The night was stopped.", (await Assert.ThrowsAsync<ReverieException>(() => night)).Message, StringComparison.Ordinal);
        Assert.Null(nights.Running);
        Assert.Null(nights.ReportOf("ada"));
        Assert.False(nights.Stop("ada"));
        sleepsOn = false;
        Assert.Equal("ada", (await nights.SleepAsync("ada", cancellation: Cancel)).Owner);
    }

    [Fact]
    public async Task A_server_has_one_night_at_a_time_and_nothing_is_forgotten_during_one()
    {
        await _journal.SetConsentAsync("bob", true, "yes", Cancel);
        var gate = new TaskCompletionSource();
        using var nights = new Nights(_workspace, _journal, new Dreamer(async (user, stop) =>
        {
            if (user == "ada") await gate.Task.WaitAsync(stop);
            return Report(user);
        }));
        Task<MorningReport> ada = nights.SleepAsync("ada", cancellation: Cancel);
        Assert.Contains("Try again when it is over", (await Assert.ThrowsAsync<ReverieException>(() => nights.SleepAsync("bob", cancellation: Cancel))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ReverieException>(() => nights.ForgetAsync(new ForgetRequest("bob", All: true), Cancel));
        Task<MorningReport> bob = nights.SleepAsync("bob", waits: true, Cancel);
        Assert.Equal("ada", nights.Running?.Owner);
        gate.SetResult();
        Assert.Equal(("ada", "bob"), ((await ada).Owner, (await bob).Owner));
        Assert.Equal("bob", nights.ReportOf("bob")?.Owner);
        Assert.Null(nights.ReportOf("cora"));
    }

    [Fact]
    public async Task The_default_model_sleeps_and_learns_nothing_without_consent_or_from_nothing()
    {
        string id;
        using (Transformer transformer = SmallModels.Transformer(SmallModels.Config(context: 512)))
        {
            (string version, string folder) = _workspace.NextVersion("small");
            id = Checkpoint.Save(folder, transformer, SmallModels.Tokenizer, SmallModels.Lineage("small", version)).Id;
        }

        await using var catalog = new ModelCatalog(_workspace, new ModelCatalogOptions { Threads = 1 });
        using var nights = new Nights(_workspace, _journal, new SleepingModel(_workspace, catalog, _journal));
        Assert.Equal(id, nights.BaseId);
        Assert.Equal(NightOutcome.NoConsent, (await nights.SleepAsync("local", cancellation: Cancel)).Outcome);
        await _journal.SetConsentAsync("local", true, "yes", Cancel);
        MorningReport report = await nights.SleepAsync("local", cancellation: Cancel);
        Assert.Equal((NightOutcome.NothingNew, "small"), (report.Outcome, report.Model));
        Assert.Empty(nights.FactsOf("local"));
    }

    private static MorningReport Report(string user) => new() { Owner = user, Model = "small", Outcome = NightOutcome.NothingNew, Began = DateTimeOffset.UnixEpoch };

    private sealed class Dreamer(Func<string, CancellationToken, Task<MorningReport>> sleep) : ISleepingModel
    {
        public string? BaseId => null;

        public Task<MorningReport> SleepAsync(string owner, Action<string, double> progress, CancellationToken cancellation) => sleep(owner, cancellation);

        public Task<MorningReport> SleepCompanyAsync(Action<string, double> progress, CancellationToken cancellation) => sleep(PersonalAdapters.Company, cancellation);

        public Task<Receipt> ForgetAsync(ForgetPlan plan, Action<string, double> progress, CancellationToken cancellation) => throw new ReverieException("Nothing is to be forgotten here.");
    }

    private sealed class LogLines : ILogger<NightService>
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
