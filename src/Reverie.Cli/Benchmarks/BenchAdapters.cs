using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench adapters</c>: what an adapter for each of many people costs, on disk, when it is needed, and in a batch.</summary>
internal sealed class BenchAdapters : ReverieCommand
{
    /// <summary>Creates the command.</summary>
    public BenchAdapters(Terminal terminal) : base("adapters", "One model with an adapter for each of many people: room on disk, time to load one, and decoding with several in one batch.",
        "bench adapters --json", "bench adapters --model reverie --owners 1000", "bench adapters --width 256 --layers 6 --adapters 32 --sequences 32")
    {
        var house = new ShapeFlags(this, 128, 4, 1024);
        Option<string?> model = Option<string?>("--model", "A model of the workspace, folder or file in place of random weights.", "MODEL");
        Option<int> owners = Within(Option("--owners", "People, each with an adapter on disk.", 1000, "N"), 1, 1_000_000);
        Option<int> rank = Within(Option("--rank", "Rank of the adapters.", new NightOptions().Rank, "N"), 1, 4096);
        Option<int> adapters = Within(Option("--adapters", "Different adapters in one batch.", 8, "N"), 1, 4096);
        Option<int> sequences = Within(Option("--sequences", "Sequences at once.", 32, "N"), 1, 4096);
        Option<int> tokens = Within(Option("--tokens", "Tokens of each sequence.", 100, "N"), 2, 1 << 20);
        Option<int> runs = Within(Option("--runs", "Runs of decoding to take the median of.", 20, "N"), 1, 1000);
        Option<string?> workspace = WorkspaceOption();
        Option<int> threads = ThreadsOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            int length = parsed.GetValue(tokens), many = parsed.GetValue(sequences), count = Machine.Threads(parsed.GetValue(threads));
            using IKernels kernels = CpuKernels.Create(count);
            using Checkpoint? saved = parsed.GetValue(model) is { } name ? Checkpoint.Load(new Workspace(parsed.GetValue(workspace)).Resolve(name)) : null;
            if (saved is not null) length = Math.Min(length, saved.Transformer.Config.ContextLength - 1);
            using Transformer? random = saved is null ? new Transformer(house.Read(parsed, length + 1)) : null;
            random?.Initialize(1);
            Transformer transformer = saved?.Transformer ?? random!;
            TransformerConfig config = transformer.Config;
            DirectoryInfo folder = Directory.CreateTempSubdirectory("reverie-bench-");
            AdapterBenchmark loading;
            try
            {
                loading = AdapterBenchmark.Measure(transformer, folder.FullName, parsed.GetValue(owners), parsed.GetValue(rank));
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            Adapter[] worn = [.. Enumerable.Range(0, parsed.GetValue(adapters)).Select(i => new Adapter(transformer, parsed.GetValue(rank), seed: (ulong)i))];
            // The first to run is compiled while it runs.
            DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs), worn);
            DecodeBenchmark alone = DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs)), one = DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs), worn[..1]),
                all = DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs), worn);
            foreach (Adapter adapter in worn) adapter.Dispose();
            Machine.Print(parsed.GetValue(json) ? terminal.Error : terminal.Output,
                ("model", $"{Figures.Short(config.ParameterCount)} parameters, width {config.Width}, {config.Layers} layers, vocabulary {config.VocabularySize}"),
                ("on disk", $"{Figures.Bytes(loading.Bytes)} an adapter of rank {parsed.GetValue(rank)}, {Figures.Bytes(loading.Bytes * loading.Seconds.Count)} for {loading.Seconds.Count} people"),
                ("loading one", $"{Figures.ThreeDigits(1000 * loading.Percentile(50))} ms, 95% within {Figures.ThreeDigits(1000 * loading.Percentile(95))} ms"),
                ($"{many} at once", $"{Figures.Whole(alone.TokensPerSecond)} tokens/s without adapters"),
                ("with one", $"{Figures.Whole(one.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(one.TokensPerSecond / alone.TokensPerSecond)} times without"),
                ($"with {worn.Length}", $"{Figures.Whole(all.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(all.TokensPerSecond / alone.TokensPerSecond)} times without"));
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new
                {
                    Parameters = config.ParameterCount,
                    Threads = count,
                    Owners = loading.Seconds.Count,
                    Rank = parsed.GetValue(rank),
                    BytesPerAdapter = loading.Bytes,
                    LoadMilliseconds = 1000 * loading.Percentile(50),
                    LoadMilliseconds95 = 1000 * loading.Percentile(95),
                    Sequences = many,
                    Tokens = length,
                    Adapters = worn.Length,
                    TokensPerSecond = Math.Round(alone.TokensPerSecond, 1),
                    OneAdapterTokensPerSecond = Math.Round(one.TokensPerSecond, 1),
                    AdaptersTokensPerSecond = Math.Round(all.TokensPerSecond, 1),
                });
            }

            return ExitCode.Success;
        });
    }
}
