using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>The default model of a catalog, asleep: loaded apart from the one that answers, and on half of the cores, so that replies go on.</summary>
/// <param name="workspace">Where models and adapters are.</param>
/// <param name="catalog">Says which model is the default.</param>
/// <param name="journal">What is learned from.</param>
public sealed class SleepingModel(Workspace workspace, ModelCatalog catalog, IJournal journal) : ISleepingModel
{
    /// <inheritdoc/>
    public string? BaseId => catalog.Default is { } name ? Checkpoint.ReadLineage(workspace.Resolve(name))?.Id : null;

    /// <inheritdoc/>
    public async Task<MorningReport> SleepAsync(string owner, Action<string, double> progress, CancellationToken cancellation)
    {
        using Sleeper sleeper = Open();
        return await sleeper.SleepAsync(journal, owner, progress, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<MorningReport> SleepCompanyAsync(Action<string, double> progress, CancellationToken cancellation)
    {
        using Sleeper sleeper = Open();
        return await sleeper.SleepCompanyAsync(journal, progress: progress, cancellation: cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task<Receipt> ForgetAsync(ForgetPlan plan, Action<string, double> progress, CancellationToken cancellation)
    {
        using Sleeper? sleeper = plan.NeedsModel ? Open() : null;
        return await new Forgetting(workspace, journal).RunAsync(plan, sleeper, progress, cancellation).ConfigureAwait(false);
    }

    private Sleeper Open()
    {
        string model = catalog.Default ?? throw new ReverieException($"There are no models in {workspace.Root}. Make one with \"reverie raise\".");
        return new Sleeper(workspace, model, new NightOptions { Threads = Math.Max(1, Environment.ProcessorCount / 2) });
    }
}
