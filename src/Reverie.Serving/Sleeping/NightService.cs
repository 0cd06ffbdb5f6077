using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Serving;

/// <summary>Lets the model sleep at a time of the day for the company and then for every user who agreed to it, one after another. What fails for one is logged and the next goes on.</summary>
/// <param name="nights">The server's nights.</param>
/// <param name="users">Whose keys there are.</param>
/// <param name="journal">Says who has agreed.</param>
/// <param name="at">When, local time.</param>
/// <param name="clock">The machine's, or a test's.</param>
/// <param name="logger">Is told one line a user.</param>
public sealed partial class NightService(Nights nights, UserStore users, IJournal journal, TimeOnly at, TimeProvider clock, ILogger<NightService> logger) : BackgroundService
{
    /// <summary>Who everybody is where no keys are asked for.</summary>
    public const string LocalUser = "local";

    // A machine that was suspended does not count the time: it is looked at again and again.
    private static readonly TimeSpan _longestWait = TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            for (DateTimeOffset next = Next(clock, at); next - clock.GetUtcNow() is { Ticks: > 0 } left;)
                await Task.Delay(left < _longestWait ? left : _longestWait, clock, stoppingToken).ConfigureAwait(false);
            // Everybody's nights stand on the company's.
            await SleepAsync(PersonalAdapters.Company, stoppingToken).ConfigureAwait(false);
            foreach (string user in users.Keys.Select(k => k.User).Prepend(LocalUser).Distinct()) await SleepAsync(user, stoppingToken).ConfigureAwait(false);
        }
    }

    /// <summary>When it is that time of the day again.</summary>
    internal static DateTimeOffset Next(TimeProvider clock, TimeOnly at)
    {
        DateTime now = clock.GetLocalNow().DateTime, next = now.Date + at.ToTimeSpan();
        if (next <= now) next = next.AddDays(1);

        // In the hour that summer time leaves out: right after it.
        if (clock.LocalTimeZone.IsInvalidTime(next)) next = next.AddHours(1);
        return new DateTimeOffset(next, clock.LocalTimeZone.GetUtcOffset(next));
    }

    private async Task SleepAsync(string user, CancellationToken stop)
    {
        try
        {
            if (user == PersonalAdapters.Company)
            {
                if (await nights.SleepCompanyAsync(waits: true, stop).ConfigureAwait(false) is { } shared) LogMorning(user, MorningWords.Lines(shared).First());
                return;
            }

            IReadOnlyList<Consent> consent = await journal.ReadConsentAsync(user, stop).ConfigureAwait(false);

            // Who withdrew is not learned from, and a night takes off what she still wears.
            bool isMeant = consent is [{ IsGiven: true }, ..] || (nights.BaseId is { } id && nights.MorningsOf(user).Current(id) is not null);
            if (isMeant) LogMorning(user, MorningWords.Lines(await nights.SleepAsync(user, waits: true, stop).ConfigureAwait(false)).First());
        }
        catch (Exception e) when (e is not OperationCanceledException || !stop.IsCancellationRequested)
        {
            LogFailure(user, e.Message, e is Tensors.ReverieException ? null : e);
        }
    }

    // What was learned is nobody's but hers: the log has numbers only.
    [LoggerMessage(LogLevel.Information, "Night of {User}: {Outcome}")]
    private partial void LogMorning(string user, string outcome);

    [LoggerMessage(LogLevel.Error, "The night of {User} failed, and yesterday's morning serves on: {Reason}")]
    private partial void LogFailure(string user, string reason, Exception? exception);
}
