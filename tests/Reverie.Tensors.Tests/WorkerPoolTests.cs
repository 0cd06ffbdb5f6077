using System.Runtime.InteropServices;

namespace Reverie.Tensors.Tests;

public unsafe class WorkerPoolTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    public void Every_piece_runs_exactly_once(int threads)
    {
        using var pool = new WorkerPool(threads);
        Assert.Equal(threads, pool.Threads);
        foreach (int count in new[] { 0, 1, 2, 3, 7, 64, 1000 })
        {
            int[] runs = new int[count + 1];
            fixed (int* p = runs) pool.Run(new CountJob { Runs = p }, count);
            Assert.All(runs.Take(count), value => Assert.Equal(1, value));
            Assert.Equal(0, runs[count]);
        }
    }

    [Fact]
    public void Many_short_jobs_lose_no_piece_whether_the_workers_sleep_or_watch()
    {
        using var pool = new WorkerPool(3);
        int[] runs = new int[5];
        const int jobs = 20_000;
        fixed (int* p = runs)
            for (int i = 0; i < jobs; i++)
            {
                pool.Run(new CountJob { Runs = p }, runs.Length);
                if (i % 500 == 0) Thread.Sleep(1); // long enough that the workers go to sleep
            }

        Assert.All(runs, value => Assert.Equal(jobs, value));
    }

    [Fact]
    public void Long_pieces_run_on_several_threads_at_once()
    {
        using var pool = new WorkerPool(2);
        int arrived = 0;
        // Each piece waits for the other: only two threads can finish this.
        pool.Run(new MeetJob { Arrived = &arrived, Wanted = 2 }, 2);
        Assert.Equal(2, arrived);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void An_exception_in_a_piece_reaches_the_caller_and_the_pool_works_on(int threads)
    {
        using var pool = new WorkerPool(threads);
        for (int round = 0; round < 50; round++)
        {
            var e = Assert.Throws<FormatException>(() => pool.Run(new ThrowJob { At = round }, 50));
            Assert.Equal($"piece {round}", e.Message);
            int[] runs = new int[10];
            fixed (int* p = runs) pool.Run(new CountJob { Runs = p }, 10);
            Assert.All(runs, value => Assert.Equal(1, value));
        }
    }

    [Fact]
    public void A_run_inside_a_job_is_done_by_the_thread_that_asks()
    {
        using var pool = new WorkerPool(2);
        int[] runs = new int[6 * 5];
        var handle = GCHandle.Alloc(pool);
        fixed (int* p = runs) pool.Run(new NestingJob { Pool = handle, Runs = p, Inner = 5 }, 6);
        handle.Free();
        Assert.All(runs, value => Assert.Equal(1, value));
    }

    [Fact]
    public void Threads_that_share_a_pool_do_not_disturb_each_other()
    {
        using var pool = new WorkerPool(2);
        int[] totals = new int[4];
        var threads = Enumerable.Range(0, totals.Length).Select(t => new Thread(() =>
        {
            int[] runs = new int[16];
            fixed (int* p = runs)
                for (int i = 0; i < 2000; i++) pool.Run(new CountJob { Runs = p }, runs.Length);
            totals[t] = runs.Sum();
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        Assert.All(totals, total => Assert.Equal(16 * 2000, total));
    }

    [Fact]
    public void Running_a_job_allocates_nothing()
    {
        using var pool = new WorkerPool(2);
        int[] runs = new int[8];
        fixed (int* p = runs)
        {
            pool.Run(new CountJob { Runs = p }, runs.Length);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++) pool.Run(new CountJob { Runs = p }, runs.Length);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    [Fact]
    public void A_disposed_pool_has_ended_its_threads_and_refuses_work()
    {
        var pool = new WorkerPool(3);
        int[] runs = new int[4];
        fixed (int* p = runs) pool.Run(new CountJob { Runs = p }, 4);
        pool.Dispose();
        pool.Dispose();
        Assert.Throws<ObjectDisposedException>(() => pool.Run(new ThrowJob(), 4));
    }

    [Fact]
    public void A_pool_needs_a_thread() => Assert.Throws<ArgumentOutOfRangeException>(() => new WorkerPool(0));

    private struct CountJob : IJob
    {
        public int* Runs;

        public readonly void Execute(int index) => Interlocked.Increment(ref Runs[index]);
    }

    private struct MeetJob : IJob
    {
        public int* Arrived;
        public int Wanted;

        public readonly void Execute(int index)
        {
            Interlocked.Increment(ref *Arrived);
            while (Volatile.Read(ref *Arrived) < Wanted) Thread.Yield();
        }
    }

    private struct ThrowJob : IJob
    {
        public int At;

        public readonly void Execute(int index)
        {
            if (index == At) throw new FormatException($"piece {index}");
        }
    }

    private struct NestingJob : IJob
    {
        public GCHandle Pool;
        public int* Runs;
        public int Inner;

        public readonly void Execute(int index) =>
            ((WorkerPool)Pool.Target!).Run(new CountJob { Runs = Runs + index * Inner }, Inner);
    }
}
