using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>
/// Persistent threads that share out the pieces of a job; the calling thread takes part. Idle workers watch for the next
/// job for <see cref="WatchMicroseconds"/> and then sleep, so a busy loop of kernels pays about a microsecond a call and
/// an idle process burns nothing. A call allocates nothing.
/// </summary>
public sealed unsafe class WorkerPool : IDisposable
{
    /// <summary>How long an idle worker watches for the next job before it sleeps, in microseconds.</summary>
    public const int WatchMicroseconds = 80;

    // The gate is one word: the job's number in the high half, then whether workers may still join it, then how many are in.
    // A worker joins by compare-and-swap on the open gate; the caller closes it and waits for the last one to leave,
    // so the job's fields never change under a worker, and one that comes late simply finds the gate closed.
    private const int NumberShift = 32;
    private const long Open = 1L << 31;
    private const long Inside = Open - 1;

    [ThreadStatic]
    private static bool _inJob;

    private readonly Thread[] _workers;
    private readonly SemaphoreSlim _wake = new(0);
    private Line _line;
    private void* _job;
    private delegate*<void*, int, void> _execute;
    private int _count;
    private int _busy;
    private Exception? _exception;
    private volatile bool _stopping;

    /// <summary>Starts a pool of <paramref name="threads"/> threads, of which the caller of <see cref="Run{TJob}"/> is one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one thread.</exception>
    public WorkerPool(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        Threads = threads;
        _workers = new Thread[threads - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            _workers[i] = new Thread(Work) { IsBackground = true, Name = $"reverie-worker-{i + 1}" };
            _workers[i].Start();
        }
    }

    /// <summary>Threads that work on a job, the caller included.</summary>
    public int Threads { get; }

    /// <summary>
    /// Executes the pieces 0 to <paramref name="count"/> - 1 of <paramref name="job"/> and returns when all are done.
    /// Runs on the calling thread alone when there is one piece or one thread, inside another job, or while another
    /// thread uses the pool. The first exception of any piece stops the pieces not yet begun and is thrown here.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The pool was disposed.</exception>
    public void Run<TJob>(in TJob job, int count) where TJob : unmanaged, IJob
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ObjectDisposedException.ThrowIf(_stopping, this);
        fixed (TJob* pointer = &job)
        {
            if (count <= 1 || Threads == 1 || _inJob || Interlocked.Exchange(ref _busy, 1) != 0)
                for (int i = 0; i < count; i++) pointer->Execute(i);
            else
                Share(pointer, &Execute<TJob>, count);
        }
    }

    /// <summary>Ends the threads. Calling it again does nothing.</summary>
    /// <exception cref="InvalidOperationException">Called from inside a job.</exception>
    public void Dispose()
    {
        if (_inJob) throw new InvalidOperationException("A job cannot dispose of the pool that runs it.");
        while (Interlocked.Exchange(ref _busy, 1) != 0)
            if (_stopping) return;
            else Thread.Yield();
        _stopping = true;
        Interlocked.Add(ref _line.Gate, 1L << NumberShift);
        Wake(_workers.Length);
        foreach (Thread worker in _workers) worker.Join();
        _wake.Dispose();
    }

    private static void Execute<TJob>(void* job, int index) where TJob : unmanaged, IJob => ((TJob*)job)->Execute(index);

    private void Share(void* job, delegate*<void*, int, void> execute, int count)
    {
        _inJob = true;
        _job = job;
        _execute = execute;
        _count = count;
        _line.Next = 0;
        Interlocked.Exchange(ref _line.Gate, ((_line.Gate >> NumberShift) + 1 << NumberShift) | Open);
        Wake(Math.Min(count - 1, _workers.Length));
        Drain();

        Interlocked.And(ref _line.Gate, ~Open);
        for (int spins = 0; (Volatile.Read(ref _line.Gate) & Inside) != 0; spins++)
            if (spins % 256 == 255) Thread.Yield(); // the worker may have lost its core to another process
            else Thread.SpinWait(1);

        Exception? exception = _exception;
        _exception = null;
        _inJob = false;
        Volatile.Write(ref _busy, 0);
        if (exception != null) ExceptionDispatchInfo.Throw(exception);
    }

    private void Drain()
    {
        try
        {
            for (long i; (i = Interlocked.Increment(ref _line.Next) - 1) < _count;) _execute(_job, (int)i);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref _exception, e, null);
            Interlocked.Exchange(ref _line.Next, _count);
        }
    }

    private void Work()
    {
        _inJob = true;
        long seen = 0;
        while (true)
        {
            long gate = AwaitJobAfter(seen);
            if (_stopping) return;
            while ((gate & Open) != 0)
            {
                long found = Interlocked.CompareExchange(ref _line.Gate, gate + 1, gate);
                if (found == gate)
                {
                    Drain();
                    Interlocked.Decrement(ref _line.Gate);
                    break;
                }

                gate = found;
            }

            seen = gate >> NumberShift;
        }
    }

    private long AwaitJobAfter(long seen)
    {
        while (true)
        {
            long deadline = Stopwatch.GetTimestamp() + Stopwatch.Frequency * WatchMicroseconds / 1_000_000;
            long gate;
            do
            {
                for (int i = 0; i < 16; i++)
                {
                    gate = Volatile.Read(ref _line.Gate);
                    if (gate >> NumberShift != seen) return gate;
                    Thread.SpinWait(1);
                }
            }
            while (Stopwatch.GetTimestamp() < deadline);

            // Announce the sleep first and look once more after it: a job that began in between either sees the
            // announcement and posts a wake-up for it, or is seen here.
            Interlocked.Increment(ref _line.Sleeping);
            gate = Volatile.Read(ref _line.Gate);
            if (gate >> NumberShift != seen && TakeSleepers(1) == 1) return gate;
            _wake.Wait();
        }
    }

    private void Wake(int wanted)
    {
        int sleepers = TakeSleepers(wanted);
        if (sleepers > 0) _wake.Release(sleepers);
    }

    private int TakeSleepers(int wanted)
    {
        while (true)
        {
            int sleeping = Volatile.Read(ref _line.Sleeping);
            int taken = Math.Min(sleeping, wanted);
            if (taken == 0 || Interlocked.CompareExchange(ref _line.Sleeping, sleeping - taken, sleeping) == sleeping) return taken;
        }
    }

    /// <summary>The words that threads fight over, each on cache lines of its own.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 512)]
    private struct Line
    {
        [FieldOffset(128)] public long Gate;
        [FieldOffset(256)] public long Next;
        [FieldOffset(384)] public int Sleeping;
    }
}
