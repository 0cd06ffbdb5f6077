using System.Collections.Concurrent;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>
/// The one thread that steps the generators of all loaded models in turn, for any number of callers. Kernels and their workers are one
/// set for all of them: the cores work on one step at a time, whoever asked.
/// </summary>
public sealed class Engine : IDisposable
{
    private readonly ConcurrentQueue<Action> _between = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly List<(Generator Generator, Action<Exception> Failed)> _generators = [];
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <summary>Starts the thread; it sleeps until there is something to do.</summary>
    /// <param name="threads">Threads that compute, this one included; 0 for one a core.</param>
    public Engine(int threads = 0)
    {
        Kernels = CpuKernels.Create(threads);
        _thread = new Thread(Run) { IsBackground = true, Name = "reverie-engine" };
        _thread.Start();
    }

    /// <summary>The arithmetic. It belongs to the engine's thread: use it inside <see cref="InvokeAsync"/> only.</summary>
    public IKernels Kernels { get; }

    /// <summary>Runs work on the engine's thread between two steps.</summary>
    /// <exception cref="ObjectDisposedException">The engine has ended.</exception>
    public Task<T> InvokeAsync<T>(Func<T> work)
    {
        ObjectDisposedException.ThrowIf(_stopping, this);
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _between.Enqueue(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        Wake();
        return done.Task;
    }

    /// <summary>Ends the thread after the step it is in. Generators that were added are their owners' to free.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        Wake();
        _thread.Join();
        while (_between.TryDequeue(out Action? work)) work();
        Kernels.Dispose();
        _wake.Dispose();
    }

    /// <summary>Steps a generator from now on.</summary>
    /// <param name="generator">It belongs to the engine's thread from now on, but for what any thread may call.</param>
    /// <param name="failed">Called on the engine's thread when a step has failed; the generator is not stepped again.</param>
    internal Task AddAsync(Generator generator, Action<Exception> failed) => InvokeAsync(() =>
    {
        _generators.Add((generator, failed));
        return true;
    });

    /// <summary>Steps it no longer.</summary>
    internal Task RemoveAsync(Generator generator) => InvokeAsync(() => _generators.RemoveAll(g => g.Generator == generator));

    /// <summary>Tells the thread that there is something to do.</summary>
    internal void Wake() => _wake.Set();

    private void Run()
    {
        while (!_stopping)
        {
            while (_between.TryDequeue(out Action? work)) work();
            bool busy = false;
            for (int i = 0; i < _generators.Count; i++)
            {
                (Generator generator, Action<Exception> failed) = _generators[i];
                try
                {
                    busy |= generator.PendingCount > 0 && generator.Step();
                }
                catch (Exception exception)
                {
                    // A broken model must not take the others with it; who waits for it is told.
                    _generators.RemoveAt(i--);
                    failed(exception);
                }
            }

            if (!busy && _between.IsEmpty) _wake.WaitOne();
        }
    }
}
