using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench decode</c>: greedy decoding, alone and many sequences at once.</summary>
internal sealed class BenchDecode : ReverieCommand
{
    private const string Stories = "stories260k", House = "house";

    /// <summary>Creates the command.</summary>
    public BenchDecode(Terminal terminal) : base("decode", "Greedy decoding with random weights: one sequence, then several at once.",
        "bench decode --json", "bench decode --shape house --width 256 --layers 6 --sequences 64 --tokens 255")
    {
        Option<string> shape = Option("--shape", $"{Stories}, the shape of a known tiny model, or {House}, which --width, --layers and --vocabulary describe.", Stories, "NAME");
        shape.AcceptOnlyFromAmong(Stories, House);
        var house = new ShapeFlags(this, 256, 6, 4096);
        Option<int> sequences = Within(Option("--sequences", "Sequences at once; 1 for one alone.", 64, "N"), 1, 4096);
        Option<int> tokens = Within(Option("--tokens", "Tokens of each sequence.", 255, "N"), 2, 1 << 20);
        Option<int> runs = Within(Option("--runs", "Runs to take the median of.", 5, "N"), 1, 1000);
        Option<int> threads = ThreadsOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            int length = parsed.GetValue(tokens), count = Machine.Threads(parsed.GetValue(threads));
            TransformerConfig config = parsed.GetValue(shape) == Stories
                ? DecodeBenchmark.Stories260K with { ContextLength = Math.Max(length + 1, DecodeBenchmark.Stories260K.ContextLength) }
                : house.Read(parsed, length + 1);
            using IKernels kernels = CpuKernels.Create(count);
            using var model = new Transformer(config);
            model.Initialize(1);
            DecodeBenchmark one = DecodeBenchmark.Measure(model, kernels, 1, length, parsed.GetValue(runs));
            int many = parsed.GetValue(sequences);
            DecodeBenchmark all = many == 1 ? one : DecodeBenchmark.Measure(model, kernels, many, length, parsed.GetValue(runs));
            Machine.Print(parsed.GetValue(json) ? terminal.Error : terminal.Output,
                ("model", $"{Figures.Short(config.ParameterCount)} parameters, width {config.Width}, {config.Layers} layers, vocabulary {config.VocabularySize}"),
                ("step", $"{length} tokens a sequence, {count} threads"),
                ("one sequence", $"{Figures.Whole(one.TokensPerSecond)} tokens/s"),
                ($"{many} at once", $"{Figures.Whole(all.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(all.TokensPerSecond / one.TokensPerSecond)} times one"),
                ("garbage", $"{Figures.Bytes(one.BytesPerStep)} a step"));
            if (parsed.GetValue(json))
            {
                JsonResult.Write(terminal.Output, new
                {
                    Parameters = config.ParameterCount,
                    config.Width,
                    config.Layers,
                    Vocabulary = config.VocabularySize,
                    Threads = count,
                    Tokens = length,
                    Sequences = many,
                    TokensPerSecond = Math.Round(all.TokensPerSecond, 1),
                    OneTokensPerSecond = Math.Round(one.TokensPerSecond, 1),
                    Speedup = Math.Round(all.TokensPerSecond / one.TokensPerSecond, 3),
                    AllocatedBytesPerStep = Math.Round(one.BytesPerStep, 1),
                    PeakBytes = Machine.PeakBytes(),
                });
            }

            return ExitCode.Success;
        });
    }
}
