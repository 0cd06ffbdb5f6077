using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>What it takes to have an adapter for each of many people on one model: room on disk, and the time until one that lies there can answer.</summary>
/// <param name="Bytes">Size of one on disk: weights, settings and lineage.</param>
/// <param name="Seconds">Times of loading, shortest first: hashes compared, weights read, laid out for decoding.</param>
public sealed record AdapterBenchmark(long Bytes, IReadOnlyList<double> Seconds)
{
    /// <summary>Seconds within which so many percent of them are loaded.</summary>
    public double Percentile(double percent) => Seconds[Math.Min(Seconds.Count - 1, (int)(Seconds.Count * percent / 100))];

    /// <summary>Saves adapters of drawn weights and loads each of them once, in a drawn order. The files are in the system's cache, where it has room for them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">Gets a folder for each; the caller's.</param>
    /// <param name="count">How many.</param>
    /// <param name="rank">Their rank.</param>
    /// <exception cref="ReverieException">They cannot be written.</exception>
    public static AdapterBenchmark Measure(Transformer model, string folder, int count, int rank)
    {
        string FolderOf(int number) => Path.Combine(folder, number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var random = new RandomStream(0, "bench/adapters");
        using (var adapter = new Adapter(model, rank))
        {
            for (int i = 0; i < count; i++)
            {
                foreach (Parameter parameter in adapter.Parameters.All) parameter.Value.Span[0] = (float)random.NextGaussian();
                adapter.Save(FolderOf(i), new Lineage { Name = "bench", Version = "1" });
            }
        }

        int[] order = [.. Enumerable.Range(0, count)];
        random.Shuffle(order.AsSpan());
        // What is compiled at the first use is not timed.
        for (int i = 0; i < Math.Min(count, 30); i++) Load(i);
        double[] seconds = [.. order.Select(Load).Order()];
        return new AdapterBenchmark(Directory.GetFiles(FolderOf(0)).Sum(f => new FileInfo(f).Length), seconds);

        double Load(int number)
        {
            long start = Stopwatch.GetTimestamp();
            using var adapter = Adapter.Load(FolderOf(number), model);
            _ = adapter.Factors;
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
