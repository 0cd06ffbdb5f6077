using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>
/// The nights of a server, one at a time: what sleeps takes half of the cores, and what forgets must not meet what learns. A night outlives the page
/// that asked for it and ends with the server; yesterday's morning serves meanwhile and after. Any thread may call it.
/// </summary>
/// <param name="workspace">Where adapters are.</param>
/// <param name="journal">What is learned from.</param>
/// <param name="model">The model that sleeps.</param>
public sealed class Nights(Workspace workspace, IJournal journal, ISleepingModel model) : IHostedService, IDisposable
{
    private readonly SemaphoreSlim _alone = new(1, 1);
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentDictionary<string, MorningReport> _reports = new();
    private readonly Lock _life = new();
    private CancellationTokenSource? _night;
    private volatile NightProgress? _running;

    /// <summary>The night that goes on; null for none.</summary>
    public NightProgress? Running => _running;

    /// <summary>Id of the base that sleeps; null where there is none.</summary>
    /// <exception cref="ReverieException">The model is damaged.</exception>
    public string? BaseId => model.BaseId;

    /// <summary>An owner's mornings.</summary>
    /// <exception cref="ReverieException">The name cannot be a user's.</exception>
    public Mornings MorningsOf(string owner) => new(workspace, owner);

    /// <summary>What the owner's last night on this server said; else the report of the morning that answers now; null for none.</summary>
    /// <exception cref="ReverieException">The report is damaged.</exception>
    public MorningReport? ReportOf(string owner)
    {
        if (_reports.TryGetValue(owner, out MorningReport? report)) return report;
        string? file = BaseId is { } id && MorningsOf(owner).Current(id) is { } morning ? Path.Combine(morning.Folder, MorningReport.FileName) : null;
        return file is not null && File.Exists(file) ? SleepJson.Read<MorningReport>(file) : null;
    }

    /// <summary>Everything that an owner told and what became of it, as the morning that answers now has it; empty where none does.</summary>
    /// <exception cref="ReverieException">The morning is damaged.</exception>
    public IReadOnlyList<FactRecord> FactsOf(string owner) => BaseId is { } id && MorningsOf(owner).Current(id) is { } morning ? MorningManifest.Read(morning.Folder).Facts : [];

    /// <summary>Learns from an owner's journal.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="waits">Whether to wait for a night that goes on.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="ReverieException">Another night goes on, or this one failed: then yesterday's morning serves.</exception>
    public Task<MorningReport> SleepAsync(string owner, bool waits = false, CancellationToken cancellation = default) => AloneAsync(owner, waits, async (progress, stop) =>
    {
        MorningReport report = await model.SleepAsync(owner, progress, stop).ConfigureAwait(false);
        _reports[owner] = report;

        // She may have withdrawn while it learned.
        if (await journal.ReadConsentAsync(owner, CancellationToken.None).ConfigureAwait(false) is not [{ IsGiven: true }, ..]) TakeOff(owner);
        return report;
    }, canStop: true, cancellation);

    /// <summary>Stops the night in which an owner's model learns, if one goes on: nothing has changed then, and what was told waits for the next.</summary>
    /// <param name="owner">Whose; nobody stops another's.</param>
    /// <returns>Whether there was one to stop.</returns>
    public bool Stop(string owner)
    {
        lock (_life)
        {
            if (_night is null || _running is not { CanStop: true } running || running.Owner != owner) return false;
            _night.Cancel();
            return true;
        }
    }

    /// <summary>Learns for everybody what enough people told who share it; null where nobody shares and there is nothing to unlearn.</summary>
    /// <param name="waits">Whether to wait for a night that goes on.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="ReverieException">Another night goes on, or this one failed: then yesterday's morning serves.</exception>
    public async Task<MorningReport?> SleepCompanyAsync(bool waits = false, CancellationToken cancellation = default)
    {
        if (Mornings.OfCompany(workspace).List().Count == 0 && (await journal.ReadSharersAsync(cancellation).ConfigureAwait(false)).Count < Company.FewestTellers) return null;
        return await AloneAsync(PersonalAdapters.Company, waits, model.SleepCompanyAsync, canStop: false, cancellation).ConfigureAwait(false);
    }

    /// <summary>Lets the base answer an owner without memories, where a morning does now: who withdraws is not to wait for the night.</summary>
    /// <exception cref="ReverieException">The pointer is damaged or cannot be written.</exception>
    public void TakeOff(string owner)
    {
        if (BaseId is { } id && MorningsOf(owner).Current(id) is not null) MorningsOf(owner).Rewind(id, 0);
    }

    /// <summary>What a request to forget comes to.</summary>
    /// <exception cref="ReverieException">The request names nothing.</exception>
    public Task<ForgetPlan> PlanAsync(ForgetRequest request, CancellationToken cancellation = default) => new Forgetting(workspace, journal).PlanAsync(request, cancellation);

    /// <summary>Forgets, and proves it.</summary>
    /// <param name="request">What.</param>
    /// <param name="cancellation">Gives up: what was erased stays erased, and there is no receipt.</param>
    /// <exception cref="ReverieException">Another night goes on, something could not be erased, or the proof failed.</exception>
    public Task<Receipt> ForgetAsync(ForgetRequest request, CancellationToken cancellation = default) => AloneAsync(request.Owner, waits: false, async (progress, stop) =>
    {
        // A night may have learned from it since somebody was shown the plan.
        ForgetPlan plan = await PlanAsync(request, stop).ConfigureAwait(false);

        // A report names what was learned, and may be of a morning that goes.
        _reports.TryRemove(request.Owner, out _);
        return await model.ForgetAsync(plan, progress, stop).ConfigureAwait(false);
    }, canStop: false, cancellation);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Stops the night that goes on, and lets none begin.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _alone.Dispose();
        _ending.Dispose();
    }

    private async Task<T> AloneAsync<T>(string owner, bool waits, Func<Action<string, double>, CancellationToken, Task<T>> night, bool canStop, CancellationToken cancellation)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _ending.Token);
        if (!await _alone.WaitAsync(waits ? Timeout.Infinite : 0, ends.Token).ConfigureAwait(false)) throw new ReverieException("Another night goes on, and this server has one at a time. Try again when it is over.");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(ends.Token);
        try
        {
            Tell("waking the model", 0);
            lock (_life) _night = stop;

            // Loading and learning hold a thread for long: it must not be that of a page.
            return await Task.Run(() => night(Tell, stop.Token), stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!ends.IsCancellationRequested && stop.IsCancellationRequested)
        {
            throw new ReverieException("The night was stopped. Yesterday's morning answers on, and what was told waits for the next night.");
        }
        finally
        {
            lock (_life) (_night, _running) = (null, null);
            _alone.Release();
        }

        void Tell(string phase, double share) => _running = new NightProgress(owner, phase, share, canStop);
    }
}
