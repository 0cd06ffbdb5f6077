using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench decode</c>: greedy decoding, alone and many sequences at once.</summary>
internal sealed class BenchDecode : ReverieCommand
{
    private const string Stories = "stories260k", House = "house";

    /// <summary>Creates the command.</summary>
    public BenchDecode(Terminal terminal) : base("decode", "Greedy decoding: of a model from its file, or with random weights one sequence and then several at once.",
        "bench decode --json", "bench decode --model model.gguf --prompt 512 --tokens 100 --threads 2", "bench decode --shape house --width 256 --layers 6 --sequences 64 --tokens 255")
    {
        Option<string> shape = Option("--shape", $"{Stories}, the shape of a known tiny model, or {House}, which --width, --layers and --vocabulary describe.", Stories, "NAME");
        shape.AcceptOnlyFromAmong(Stories, House);
        var house = new ShapeFlags(this, 256, 6, 4096);
        Option<int> sequences = Within(Option("--sequences", "Sequences at once; 1 for one alone.", 64, "N"), 1, 4096);
        Option<int> adapters = Within(Option("--adapters", "Also as many sequences with so many different adapters among them.", 0, "N"), 0, 4096);
        Option<int> rank = Within(Option("--rank", "Rank of the adapters.", 8, "N"), 1, 4096);
        Option<bool> sampled = Option<bool>("--sampled", "Draw tokens as chat does (temperature 0.5, top-p 0.95) in place of the most likely ones.");
        Option<int> tokens = Within(Option("--tokens", "Tokens of each sequence.", 255, "N"), 2, 1 << 20);
        Option<int> runs = Within(Option("--runs", "Runs to take the median of.", 5, "N"), 1, 1000);
        Option<string?> model = Option<string?>("--model", "A model, folder or .gguf file in place of random weights: times its loading, a prompt and an answer.", "MODEL");
        Option<int> prompt = Within(Option("--prompt", "Tokens of the prompt, with --model.", 512, "N"), 1, 1 << 20);
        Option<string?> workspace = WorkspaceOption();
        Option<int> threads = ThreadsOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            int length = parsed.GetValue(tokens), count = Machine.Threads(parsed.GetValue(threads));
            using IKernels kernels = CpuKernels.Create(count);
            if (parsed.GetValue(model) is { } name)
            {
                Measure(terminal, new Workspace(parsed.GetValue(workspace)).Resolve(name), kernels, count, parsed.GetValue(prompt), length, parsed.GetValue(runs), parsed.GetValue(json));
                return ExitCode.Success;
            }

            TransformerConfig config = parsed.GetValue(shape) == Stories
                ? DecodeBenchmark.Stories260K with { ContextLength = Math.Max(length + 1, DecodeBenchmark.Stories260K.ContextLength) }
                : house.Read(parsed, length + 1);
            using var transformer = new Transformer(config);
            transformer.Initialize(1);
            SamplingOptions? sampling = parsed.GetValue(sampled) ? ChatDefaults.Options : null;
            Machine.WarmUp(() => DecodeBenchmark.Measure(transformer, kernels, 1, length, runs: 1, sampling: sampling));
            DecodeBenchmark one = DecodeBenchmark.Measure(transformer, kernels, 1, length, parsed.GetValue(runs), sampling: sampling);
            int many = parsed.GetValue(sequences);
            DecodeBenchmark all = many == 1 ? one : DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs), sampling: sampling);
            DecodeBenchmark? adapted = null;
            if (parsed.GetValue(adapters) is > 0 and int different)
            {
                Adapter[] made = [.. Enumerable.Range(0, different).Select(i => new Adapter(transformer, parsed.GetValue(rank), seed: (ulong)i))];
                adapted = DecodeBenchmark.Measure(transformer, kernels, many, length, parsed.GetValue(runs), made, sampling);
                foreach (Adapter adapter in made) adapter.Dispose();
            }

            (string, string)[] withAdapters = adapted is null ? [] :
                [($"with {parsed.GetValue(adapters)} adapters", $"{Figures.Whole(adapted.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(adapted.TokensPerSecond / all.TokensPerSecond)} times without")];
            Machine.Print(parsed.GetValue(json) ? terminal.Error : terminal.Output,
            [
                ("model", $"{Figures.Short(config.ParameterCount)} parameters, width {config.Width}, {config.Layers} layers, vocabulary {config.VocabularySize}"),
                ("step", $"{length} tokens a sequence, {count} threads"),
                ("one sequence", $"{Figures.Whole(one.TokensPerSecond)} tokens/s"),
                ($"{many} at once", $"{Figures.Whole(all.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(all.TokensPerSecond / one.TokensPerSecond)} times one"),
                .. withAdapters,
                ("garbage", $"{Figures.Bytes(one.BytesPerStep)} a step"),
            ]);
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
                    AdaptedTokensPerSecond = adapted is null ? (double?)null : Math.Round(adapted.TokensPerSecond, 1),
                    AllocatedBytesPerStep = Math.Round(one.BytesPerStep, 1),
                    PeakBytes = Machine.PeakBytes(),
                });
            }

            return ExitCode.Success;
        });
    }

    private static void Measure(Terminal terminal, string path, IKernels kernels, int threads, int prompt, int tokens, int runs, bool json)
    {
        TransformerConfig config = Checkpoint.ReadConfig(path);
        ModelBenchmark its = ModelBenchmark.Measure(path, kernels, prompt, tokens, runs);
        Machine.Print(json ? terminal.Error : terminal.Output,
            ("model", $"{Figures.Short(config.ParameterCount)} parameters, width {config.Width}, {config.Layers} layers, vocabulary {config.VocabularySize}"),
            ("step", $"a prompt of {prompt} tokens, an answer of {tokens}, {threads} threads"),
            ("first token", $"{its.FirstTokenSeconds:F3} s from the closed file"),
            ("prompt", $"{Figures.Whole(its.PromptTokensPerSecond)} tokens/s"),
            ("answer", $"{Figures.ThreeDigits(its.AnswerTokensPerSecond)} tokens/s"));
        if (!json) return;
        JsonResult.Write(terminal.Output, new
        {
            Parameters = config.ParameterCount,
            Threads = threads,
            Prompt = prompt,
            Tokens = tokens,
            FirstTokenSeconds = Math.Round(its.FirstTokenSeconds, 4),
            PromptTokensPerSecond = Math.Round(its.PromptTokensPerSecond, 2),
            AnswerTokensPerSecond = Math.Round(its.AnswerTokensPerSecond, 2),
            PeakBytes = Machine.PeakBytes(),
        });
    }
}
