using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench train</c>: whole training steps on random tokens.</summary>
internal sealed class BenchTrain : ReverieCommand
{
    private readonly Terminal _terminal;
    private readonly ShapeFlags _shape;
    private readonly Option<int> _sequence, _batch, _steps, _rank, _threads;
    private readonly Option<string> _optimizer;
    private readonly Option<string?> _model, _workspace;
    private readonly Option<bool> _json;

    /// <summary>Creates the command.</summary>
    public BenchTrain(Terminal terminal) : base("train", "Training steps: forward, backward, clipping and optimizer, on random tokens in segments of one length.",
        "bench train --width 256 --layers 6 --sequence 256 --batch 16 --vocabulary 4096 --json", "bench train --width 128 --layers 4 --batch 32 --vocabulary 2048 --threads 1",
        "bench train --model smollm2.gguf --rank 16 --sequence 512 --batch 1")
    {
        _terminal = terminal;
        _shape = new ShapeFlags(this, 256, 6, 4096);
        _sequence = Within(Option("--sequence", "Tokens of a segment.", 256, "T"), 1, 1 << 20);
        _batch = Within(Option("--batch", "Segments of a step.", 16, "B"), 1, 1 << 16);
        _steps = Within(Option("--steps", $"Steps to take the median of, after {Machine.WarmUpSeconds:0} seconds to warm up.", 8, "N"), 1, 100_000);
        _optimizer = Option("--optimizer", "adamw or muon.", "adamw", "NAME");
        _optimizer.AcceptOnlyFromAmong("adamw", "muon");
        _rank = Within(Option("--rank", "Train an adapter of this rank in place of the model; 0 trains the model.", 0, "R"), 0, 1 << 16);
        _model = Option<string?>("--model", "A model, folder or .gguf file in place of random weights of a shape; with --rank its weights stay in the file.", "MODEL");
        _workspace = WorkspaceOption();
        _threads = ThreadsOption();
        _json = JsonOption();
        SetAction(Run);
    }

    private int Run(ParseResult parsed)
    {
        int sequence = parsed.GetValue(_sequence), batchSize = parsed.GetValue(_batch), threads = Machine.Threads(parsed.GetValue(_threads));
        using Checkpoint? checkpoint = parsed.GetValue(_model) is { } name
            ? Checkpoint.Load(new Workspace(parsed.GetValue(_workspace)).Resolve(name), precision: parsed.GetValue(_rank) > 0 ? WeightPrecision.AsStored : WeightPrecision.Float32)
            : null;
        using Transformer model = checkpoint?.Transformer ?? new Transformer(_shape.Read(parsed, sequence));
        if (checkpoint is null) model.Initialize(1);
        TransformerConfig config = model.Config;
        if (sequence > config.ContextLength) throw new ReverieException($"Segments of {sequence} tokens are longer than the model's context of {config.ContextLength}. Ask for a shorter --sequence.");
        long weightBytes = model.Parameters.All.Sum(p => p.Value.Stored?.Bytes ?? p.Value.Length * sizeof(float));
        using IKernels kernels = CpuKernels.Create(threads);
        using Adapter? adapter = parsed.GetValue(_rank) > 0 ? new Adapter(model, parsed.GetValue(_rank)) : null;
        model.Adapter = adapter;
        ParameterSet trained = adapter?.Parameters ?? model.Parameters;
        using IOptimizer optimizer = parsed.GetValue(_optimizer) == "muon" ? new Muon(kernels, trained, adapter is null ? model.Parts : adapter.Parts) : new AdamW(kernels, trained);
        using var learner = new Learner(model, optimizer, kernels);
        Batch batch = RandomBatch(config.VocabularySize, sequence, batchSize);
        double ceiling = Machine.Ceiling(threads);
        Machine.WarmUp(() => learner.Step(batch, 1e-3f));
        var seconds = new double[parsed.GetValue(_steps)];
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        for (int i = 0; i < seconds.Length; i++) seconds[i] = learner.Step(batch, 1e-3f).Seconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        ceiling = Math.Max(ceiling, Machine.Ceiling(threads));

        double step = Machine.Median(seconds), tokensPerSecond = sequence * (double)batchSize / step;
        double flops = config.TrainingFlopsPerToken(sequence);

        // Of the six operations for a frozen weight, the two for its own gradient are not done.
        if (adapter is not null) flops += 6.0 * trained.Count - config.TrainingFlopsPerToken(0) / 3;
        double gflops = tokensPerSecond * flops / 1e9;
        long peak = Machine.PeakBytes();
        Machine.Print(parsed.GetValue(_json) ? _terminal.Error : _terminal.Output,
            ("model", $"{Figures.Short(config.ParameterCount)} parameters, width {config.Width}, {config.Layers} layers, vocabulary {config.VocabularySize}; {Figures.Short(trained.Count)} trained"),
            ("step", $"{batchSize} x {sequence} tokens, {optimizer.Name}, {threads} threads"),
            ("time", $"{seconds.Length} steps, median {step * 1e3:F1} ms, best {seconds[0] * 1e3:F1} ms"),
            ("speed", $"{Figures.Whole(tokensPerSecond)} tokens/s"),
            ("arithmetic", $"{Figures.ThreeDigits(gflops)} of {Figures.ThreeDigits(ceiling)} GFLOP/s, {Figures.Percent(gflops / ceiling)}"),
            ("peak memory", $"{Figures.Bytes(peak)}, {Figures.Bytes(Math.Max(0, peak - weightBytes))} over the weights"),
            ("garbage", $"{Figures.Bytes((double)allocated / seconds.Length)} a step"));
        if (parsed.GetValue(_json))
        {
            JsonResult.Write(_terminal.Output, new
            {
                Parameters = config.ParameterCount,
                config.Width,
                config.Layers,
                Sequence = sequence,
                Batch = batchSize,
                Vocabulary = config.VocabularySize,
                Threads = threads,
                Optimizer = optimizer.Name,
                Trained = trained.Count,
                TokensPerSecond = Math.Round(tokensPerSecond, 1),
                StepMs = Math.Round(step * 1e3, 2),
                BestStepMs = Math.Round(seconds[0] * 1e3, 2),
                Gflops = Math.Round(gflops, 2),
                CeilingGflops = Math.Round(ceiling, 2),
                Utilisation = Math.Round(gflops / ceiling, 4),
                PeakBytes = peak,
                WeightBytes = weightBytes,
                AllocatedBytesPerStep = allocated / seconds.Length,
            });
        }

        return ExitCode.Success;
    }

    private static Batch RandomBatch(int vocabulary, int sequence, int count)
    {
        var random = new RandomStream(1, "bench train");
        var documents = new TokenizedDocument[count];
        for (int i = 0; i < count; i++)
        {
            int[] tokens = new int[sequence + 1];
            for (int t = 0; t < tokens.Length; t++) tokens[t] = random.Next(vocabulary);
            documents[i] = new TokenizedDocument(tokens, null, 0);
        }

        var batch = new Batch(sequence * count);
        var data = TokenDataset.InMemory("random", documents);
        for (int i = 0; i < count; i++) batch.TryAdd(data, i, 0, sequence, LossWeights.All);
        return batch;
    }
}
