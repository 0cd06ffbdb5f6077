using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

/// <summary>The most arithmetic that this machine can do: fused multiply-adds on registers alone. Speeds are reported as a share of it.</summary>
public static class FmaCeiling
{
    /// <summary>
    /// Runs multiply-adds at the best vector width on all threads of <paramref name="pool"/> for about <paramref name="duration"/>
    /// (0.1 to 0.2 s is plenty) and returns the best slice, in GFLOP/s (10^9 float32 operations a second; a multiply-add is two).
    /// </summary>
    public static double Measure(WorkerPool pool, TimeSpan duration) => SimdSupport.Best switch
    {
        SimdPath.Vector512 => Measure<Vector512<float>, Simd512>(pool, duration),
        SimdPath.Vector256 => Measure<Vector256<float>, Simd256>(pool, duration),
        SimdPath.Vector128 => Measure<Vector128<float>, Simd128>(pool, duration),
        _ => Measure<float, Simd32>(pool, duration),
    };

    /// <summary>The same for so many threads of its own.</summary>
    public static double Measure(int threads, TimeSpan duration)
    {
        using var pool = new WorkerPool(threads);
        return Measure(pool, duration);
    }

    private static unsafe double Measure<TVector, TSimd>(WorkerPool pool, TimeSpan duration)
        where TVector : unmanaged
        where TSimd : ISimd<TVector>
    {
        // Four pieces a thread, so that a thread which wakes late leaves its share to the others.
        int pieces = pool.Threads == 1 ? 1 : 4 * pool.Threads;
        float* sink = stackalloc float[TSimd.Width];
        var job = new Loop<TVector, TSimd> { Rounds = 1000, Sink = sink };
        double best = 0;
        long end = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        do
        {
            long start = Stopwatch.GetTimestamp();
            pool.Run(job, pieces);
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            best = Math.Max(best, 2.0 * Loop<TVector, TSimd>.Chains * TSimd.Width * job.Rounds * pieces / seconds / 1e9);
            if (seconds < 0.004) job.Rounds *= 2; // a slice of 4 to 8 ms hides the cost of sharing it out
        }
        while (Stopwatch.GetTimestamp() < end);
        return best;
    }

    private unsafe struct Loop<TVector, TSimd> : IJob
        where TVector : unmanaged
        where TSimd : ISimd<TVector>
    {
        public const int Chains = 12;
        public long Rounds;
        public float* Sink;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Execute(int index)
        {
            TVector half = TSimd.Broadcast(0.5f), one = TSimd.Broadcast(1f);
            TVector a = one, b = one, c = one, d = one, e = one, f = one, g = one, h = one, i = one, j = one, k = one, l = one;
            for (long round = Rounds; round > 0; round--)
            {
                a = TSimd.MultiplyAdd(a, half, one);
                b = TSimd.MultiplyAdd(b, half, one);
                c = TSimd.MultiplyAdd(c, half, one);
                d = TSimd.MultiplyAdd(d, half, one);
                e = TSimd.MultiplyAdd(e, half, one);
                f = TSimd.MultiplyAdd(f, half, one);
                g = TSimd.MultiplyAdd(g, half, one);
                h = TSimd.MultiplyAdd(h, half, one);
                i = TSimd.MultiplyAdd(i, half, one);
                j = TSimd.MultiplyAdd(j, half, one);
                k = TSimd.MultiplyAdd(k, half, one);
                l = TSimd.MultiplyAdd(l, half, one);
            }

            // Every chain must count for something, else the compiler drops it. All threads write the same value.
            a = TSimd.MultiplyAdd(a, b, TSimd.MultiplyAdd(c, d, e));
            f = TSimd.MultiplyAdd(f, g, TSimd.MultiplyAdd(h, i, j));
            TSimd.Store(Sink, TSimd.MultiplyAdd(a, f, TSimd.MultiplyAdd(k, l, a)));
        }
    }
}
