using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench tensors</c>: matrix products against the measured ceiling.</summary>
internal sealed class BenchTensors : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public BenchTensors(Terminal terminal) : base("tensors", "Matrix products in GFLOP/s, and their share of the multiply-add ceiling.", "bench tensors --size 1024 --json", "bench tensors --threads 1")
    {
        Option<int> size = Within(Option("--size", "Rows, columns and inner size of the square product.", 1024, "N"), 1, 1 << 14);
        Option<int> runs = Within(Option("--runs", "Runs to take the median of.", 9, "N"), 1, 1000);
        Option<int> threads = ThreadsOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            int n = parsed.GetValue(size), count = Machine.Threads(parsed.GetValue(threads));
            TextWriter text = parsed.GetValue(json) ? terminal.Error : terminal.Output;
            using IKernels kernels = CpuKernels.Create(count);
            double ceiling = Machine.Ceiling(count);
            (string Name, int M, int K, int N, bool TransposeA, bool TransposeB)[] shapes =
            [
                ("square", n, n, n, false, false),
                ("forward", 2048, 256, 1024, false, true),
                ("input gradient", 2048, 1024, 256, false, false),
                ("weight gradient", 1024, 2048, 256, true, false),
                ("decoding", 1, 256, 1024, false, true),
            ];
            text.WriteLine($"{count} threads, ceiling {Figures.ThreeDigits(ceiling)} GFLOP/s");
            var results = new List<object>();
            double square = 0;
            foreach ((string name, int m, int k, int columns, bool transposeA, bool transposeB) in shapes)
            {
                double gflops = Measure(kernels, m, k, columns, transposeA, transposeB, parsed.GetValue(runs));
                if (results.Count == 0) square = gflops;
                results.Add(new { Name = name, M = m, K = k, N = columns, Gflops = Math.Round(gflops, 2), Utilisation = Math.Round(gflops / ceiling, 4) });
                text.WriteLine($"{name,-16} {$"{m} x {k} x {columns}",-20} {Figures.ThreeDigits(gflops),6} GFLOP/s  {Figures.Percent(gflops / ceiling),4}");
            }

            // The ceiling again: on a shared machine it may have moved meanwhile.
            ceiling = Math.Max(ceiling, Machine.Ceiling(count));
            if (parsed.GetValue(json))
                JsonResult.Write(terminal.Output, new { Size = n, Threads = count, Gflops = Math.Round(square, 2), CeilingGflops = Math.Round(ceiling, 2), Utilisation = Math.Round(square / ceiling, 4), Shapes = results });
            return ExitCode.Success;
        });
    }

    private static double Measure(IKernels kernels, int m, int k, int n, bool transposeA, bool transposeB, int runs)
    {
        using var arena = new Arena();
        var random = new RandomStream(1, "bench tensors");
        Tensor a = Random(transposeA ? k : m, transposeA ? m : k), b = Random(transposeB ? n : k, transposeB ? k : n), c = arena.Allocate(m, n);
        double operations = 2.0 * m * k * n;
        // Small products are repeated, so that a run takes some milliseconds.
        int repeats = (int)Math.Clamp(2e8 / operations, 1, 100_000);
        double seconds = Machine.MedianSeconds(runs, () =>
        {
            for (int i = 0; i < repeats; i++) kernels.MatMul(a, transposeA, b, transposeB, c, accumulate: false);
        });
        return operations * repeats / seconds / 1e9;

        Tensor Random(int rows, int columns)
        {
            Tensor tensor = arena.Allocate(rows, columns);
            foreach (ref float value in tensor.Span) value = (float)random.NextGaussian();
            return tensor;
        }
    }
}
