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
        _bed = new Bed(model, id, _base.Transformer, _base.Tokenizer, kernels, options, new NightStudy(_base.Transformer, _base.Tokenizer, kernels, options), new Examiner(_base.Transformer, _base.Tokenizer, kernels, seed: 3));
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
        foreach (Morning morning in mornings.List(BaseId).Where(m => MorningManifest.Read(m.Folder).Sources.Any(id => !reading.Messages.Contains(id))))
        {
            mornings.Delete(morning.Number);
            isGone = true;
        }

        return await Task.Run(() => new Night(_bed with { Options = options }, mornings, Triage.Of(reading), reading.Sequence, isGone, owner, clock, progress, cancellation).Run(), cancellation).ConfigureAwait(false);
    }

    /// <summary>Frees the base.</summary>
    public void Dispose()
    {
        _base.Dispose();
        _bed.Kernels.Dispose();
    }

    /// <summary>What all nights on one base share.</summary>
    internal sealed record Bed(string Name, string BaseId, Transformer Model, Tokenizer Tokenizer, IKernels Kernels, NightOptions Options, NightStudy Study, Examiner Examiner);
}
