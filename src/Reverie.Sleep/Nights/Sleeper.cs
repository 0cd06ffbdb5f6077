using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// Sleeps on one base model for any of its users: reads a journal, studies, examines itself, and lets a new adapter serve where the gates
/// agree. What it makes follows from the base, what the journal holds now, the adapter that it begins with and the settings: from nothing else.
/// </summary>
public sealed class Sleeper : IDisposable
{
    private readonly Workspace _workspace;
    private readonly Checkpoint _base;
    private readonly Bed _bed;

    /// <summary>Loads the base.</summary>
    /// <param name="workspace">Where models and adapters are.</param>
    /// <param name="model">The base, as <see cref="Workspace.Resolve"/> takes it.</param>
    /// <param name="options">Settings.</param>
    /// <exception cref="ReverieException">There is no such model, or it has no lineage.</exception>
    public Sleeper(Workspace workspace, string model, NightOptions? options = null)
    {
        _workspace = workspace;
        options ??= new NightOptions();
        _base = Checkpoint.Load(workspace.Resolve(model));
        string id = _base.Lineage?.Id ?? throw new ReverieException($"{model} has no {Lineage.FileName}, so nobody could say later what its adapters were made for. Take it into the workspace first: reverie models import.");
        IKernels kernels = CpuKernels.Create(options.Threads);
        _bed = new Bed(model, id, _base.Transformer, _base.Tokenizer, kernels, options);
    }

    /// <summary>Id of the base.</summary>
    public string BaseId => _bed.BaseId;

    /// <summary>Sleeps on an owner's journal. Whatever happens before the last instant, yesterday's adapter serves. For one caller at a time.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="ReverieException">The journal, the model or an adapter cannot be read, or the workspace cannot be written.</exception>
    public async Task<MorningReport> SleepAsync(IJournal journal, string owner, Action<string, double>? progress = null, CancellationToken cancellation = default)
    {
        using IDisposable alone = new Mornings(_workspace, owner).BeginNight();
        return await SleepAsync(journal, owner, _workspace, _bed.Options, progress, cancellation).ConfigureAwait(false);
    }

    /// <summary>Sleeps on what several persons told alike and share, for everybody: the company's night. Otherwise as <see cref="SleepAsync(IJournal, string, Action{string, double}?, CancellationToken)"/>.</summary>
    /// <param name="journal">The journal.</param>
    /// <param name="tellers">How many persons must have told a fact; null for as many as in its last night.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <param name="cancellation">Stops soon; nothing has changed then.</param>
    /// <exception cref="ReverieException">The journal, the model or an adapter cannot be read, or the workspace cannot be written.</exception>
    public async Task<MorningReport> SleepCompanyAsync(IJournal journal, int? tellers = null, Action<string, double>? progress = null, CancellationToken cancellation = default)
    {
        var company = new Company(_workspace, journal);
        using IDisposable alone = company.Mornings.BeginNight();
        if (tellers is < Company.FewestTellers) throw new ReverieException($"What fewer than {Company.FewestTellers} people told is nobody's but theirs. Give a higher number.");
        NightOptions options = _bed.Options with { Tellers = tellers ?? company.Tellers };
        company.Tellers = options.Tellers;
        while (true)
        {
            MorningReport report = await SleepCompanyAsync(company, options, progress, cancellation).ConfigureAwait(false);
            // Somebody may have withdrawn or deleted while it learned.
            if (company.Unfounded(await company.TriageAsync(options.Tellers, cancellation: cancellation).ConfigureAwait(false)).Count == 0) return report;
        }
    }

    /// <summary>The same from the base, while the caller has begun the night.</summary>
    internal Task<MorningReport> SleepCompanyAnewAsync(Company company, int tellers, Action<string, double>? progress, CancellationToken cancellation) =>
        SleepCompanyAsync(company, _bed.Options with { Rebuild = true, Tellers = tellers }, progress, cancellation);

    /// <summary>Sleeps on a journal from the base, while the caller has begun the night, with the adapter in another workspace: what would have come of it alone.</summary>
    internal Task<MorningReport> SleepAnewAsync(IJournal journal, string owner, Workspace workspace, Action<string, double>? progress, CancellationToken cancellation) =>
        SleepAsync(journal, owner, workspace, _bed.Options with { Rebuild = true }, progress, cancellation);

    private async Task<MorningReport> SleepAsync(IJournal journal, string owner, Workspace workspace, NightOptions options, Action<string, double>? progress, CancellationToken cancellation)
    {
        var mornings = new Mornings(workspace, owner);
        var clock = new NightClock();
        clock.Begin("triage");
        progress?.Invoke("reading the journal", 0);
        IReadOnlyList<Consent> consent = await journal.ReadConsentAsync(owner, cancellation).ConfigureAwait(false);
        if (consent.Count == 0 || !consent[0].IsGiven)
        {
            if (mornings.Current(BaseId) is not null) mornings.Rewind(BaseId, 0);
            return new MorningReport { Owner = owner, Model = _bed.Name, Outcome = NightOutcome.NoConsent, Began = clock.Began, Seconds = clock.Seconds };
        }

        JournalReading reading = await JournalReading.ReadAsync(journal, owner, cancellation).ConfigureAwait(false);
        // What was deleted may not speak again, whatever tonight brings: not by a rewind, and not because the gates refuse what comes after it.
        bool isGone = false;
        foreach (Morning morning in mornings.List(BaseId).Where(m => MorningManifest.Read(m.Folder).Sources.Any(id => !reading.Messages.Contains(id)) || _workspace.LayersOf(m.Folder).Count == 0))
        {
            mornings.Delete(morning.Number);
            isGone = true;
        }

        return await Task.Run(() =>
        {
            // The company is that of this workspace, also where the adapter is made elsewhere to prove something.
            using var ground = new Ground(_workspace, _bed with { Options = options });
            return new Night(ground, mornings, Triage.Of(reading), reading.Sequence, isGone, clock, progress, cancellation).Run();
        }, cancellation).ConfigureAwait(false);
    }

    private async Task<MorningReport> SleepCompanyAsync(Company company, NightOptions options, Action<string, double>? progress, CancellationToken cancellation)
    {
        var clock = new NightClock();
        clock.Begin("triage");
        progress?.Invoke("reading the journals of those who share", 0);
        Triage triage = await company.TriageAsync(options.Tellers, cancellation: cancellation).ConfigureAwait(false);
        IReadOnlyList<Morning> unfounded = company.Unfounded(triage);
        company.Erase(unfounded);
        return await Task.Run(() =>
        {
            using var ground = new Ground(_bed with { Options = options });
            return new Night(ground, company.Mornings, triage, 0, unfounded.Count > 0, clock, progress, cancellation).Run();
        }, cancellation).ConfigureAwait(false);
    }

    /// <summary>Frees the base.</summary>
    public void Dispose()
    {
        _base.Dispose();
        _bed.Kernels.Dispose();
    }

    /// <summary>What all nights on one base share.</summary>
    internal sealed record Bed(string Name, string BaseId, Transformer Model, Tokenizer Tokenizer, IKernels Kernels, NightOptions Options)
    {
        public NightStudy Study { get; } = new(Model, Tokenizer, Kernels, Options);

        public Examiner Examiner { get; } = new(Model, Tokenizer, Kernels, seed: 3);

        /// <summary>The same with another model in the place of the base: what studies and examines goes with it.</summary>
        public Bed On(Transformer model) => new(Name, BaseId, model, Tokenizer, Kernels, Options);
    }
}
