using System.Collections.Concurrent;
using Reverie.Models;

namespace Reverie.Lab;

/// <summary>
/// The experiment: whether a model that sleeps is worth more to its owner, day after day, than the same model with other memories or none.
/// All arms live the same days and answer the same questions. What is finished is not done again: the same options go on where they were.
/// </summary>
public sealed class SleepLab : IDisposable
{
    private readonly LabOptions _options;
    private readonly string _model;
    private readonly ConcurrentBag<Bench> _benches = [];
    private readonly LabResults _results;
    private readonly Action<string>? _said;
    private readonly Action<string, double>? _progress;
    private readonly Lock _telling = new();

    /// <summary>Opens an experiment.</summary>
    /// <param name="workspace">Where the base is and the results go.</param>
    /// <param name="model">The base, as <see cref="Workspace.Resolve"/> takes it.</param>
    /// <param name="options">What is simulated.</param>
    /// <param name="said">Is told a line for each finished day of an arm.</param>
    /// <param name="progress">Is told what goes on, and the share that is done.</param>
    /// <exception cref="Tensors.ReverieException">There is no such model, or earlier results are damaged.</exception>
    public SleepLab(Workspace workspace, string model, LabOptions options, Action<string>? said = null, Action<string, double>? progress = null)
    {
        (_options, _model) = (options, workspace.Resolve(model));
        _said = said is null ? null : text => Alone(() => said(text));
        _progress = progress is null ? null : (what, done) => Alone(() => progress(what, done));
        Bench first = Open();
        _benches.Add(first);
        try
        {
            Model = first.Name;
            _results = new LabResults(Path.Combine(workspace.RunsFolder, "lab-sleep-" + options.IdOn(first.BaseId)));
        }
        catch
        {
            first.Dispose();
            throw;
        }
    }

    /// <summary>Where the results are.</summary>
    public string Folder => _results.Folder;

    /// <summary>Name of the base.</summary>
    public string Model { get; }

    /// <summary>Lives all lives to their ends, or as far as is not done.</summary>
    /// <returns>All results of these options.</returns>
    public async Task<IReadOnlyList<LabDay>> RunAsync(CancellationToken cancellation = default)
    {
        ulong[] left = [.. Enumerable.Range(1, _options.Seeds).Select(s => (ulong)s).Where(seed => !Enumerable.Range(1, _options.Days).All(d => _results.IsFinished(seed, d, _options)))];
        await Parallel.ForEachAsync(left, new ParallelOptions { MaxDegreeOfParallelism = _options.AtOnce, CancellationToken = cancellation }, async (seed, stop) =>
        {
            Bench bench = _benches.TryTake(out Bench? idle) ? idle : Open();
            try
            {
                // A long run can be looked at while it goes on.
                await new LabLife(seed, _options, bench, _results, _said, _progress, () => Alone(() => WritePage())).LiveAsync(stop).ConfigureAwait(false);
            }
            finally
            {
                _benches.Add(bench);
            }
        }).ConfigureAwait(false);
        return Finished;
    }

    private IReadOnlyList<LabDay> Finished => [.. _results.Days.Where(d => d.Day <= _options.Days && d.Seed <= (ulong)_options.Seeds)];

    /// <summary>Writes the page of what is finished.</summary>
    /// <returns>Its path.</returns>
    public string WritePage()
    {
        IReadOnlyList<LabDay> finished = Finished;
        LabDay last = finished.MaxBy(d => (d.Day, -(long)d.Seed))!;
        return LabPage.Write(Folder, Model, _options, LabSummary.Of(finished), _results.AnswersOf(last.Seed, last.Day));
    }

    /// <summary>Frees the base.</summary>
    public void Dispose()
    {
        foreach (Bench bench in _benches) bench.Dispose();
    }

    // Lives that are lived at once speak one at a time.
    private void Alone(Action work)
    {
        lock (_telling) work();
    }

    // What computes is shared out among the lives.
    private Bench Open() => new(_model, _options.Night with { Threads = Math.Max(1, (_options.Night.Threads == 0 ? Environment.ProcessorCount : _options.Night.Threads) / _options.AtOnce) });
}
