using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary>What all benchmarks measure alike.</summary>
internal static class Machine
{
    /// <summary>The multiply-add ceiling of so many threads in GFLOP/s; 0 threads for one a core.</summary>
    public static double Ceiling(int threads) => FmaCeiling.Measure(Threads(threads), TimeSpan.FromSeconds(0.3));

    /// <summary>The number of threads that an option means.</summary>
    public static int Threads(int option) => option == 0 ? Environment.ProcessorCount : option;

    /// <summary>The most memory that this process has held.</summary>
    public static long PeakBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    /// <summary>How long work is repeated before it is timed: the runtime compiles hot code well only after a while.</summary>
    public const double WarmUpSeconds = 2;

    /// <summary>Repeats work for <see cref="WarmUpSeconds"/>, or does it once where that takes longer.</summary>
    public static void WarmUp(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        do work();
        while (Stopwatch.GetElapsedTime(start).TotalSeconds < WarmUpSeconds);
    }

    /// <summary>Median time in seconds of some runs after a <see cref="WarmUp"/>.</summary>
    public static double MedianSeconds(int runs, Action work)
    {
        WarmUp(work);
        var seconds = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        return Median(seconds);
    }

    /// <summary>The median; sorts the values.</summary>
    public static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length % 2 == 1 ? values[values.Length / 2] : (values[values.Length / 2 - 1] + values[values.Length / 2]) / 2;
    }

    /// <summary>Prints figures in two columns.</summary>
    public static void Print(TextWriter writer, params (string Name, string Value)[] figures)
    {
        int width = figures.Max(f => f.Name.Length) + 2;
        foreach ((string name, string value) in figures) writer.WriteLine(name.PadRight(width) + value);
    }
}
