using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training.Tests;

/// <summary>A model of a few thousand parameters and a data set that it can learn, for tests of the loop.</summary>
internal sealed class TinyTraining : IDisposable
{
    public const int Vocabulary = 37;
    private readonly IKernels _kernels;

    public TinyTraining(int threads = 1, string optimizer = "adamw", ulong seed = 5, int microBatch = 64)
    {
        _kernels = CpuKernels.Create(threads);
        Model = new Transformer(new TransformerConfig
        {
            VocabularySize = Vocabulary,
            Width = 32,
            Layers = 2,
            Heads = 4,
            KeyValueHeads = 2,
            HeadDimension = 8,
            FeedForward = 48,
            ContextLength = 64,
        });
        Model.Initialize(seed, embeddingDeviation: 0.1f, outputScale: 0.5f);
        Optimizer = optimizer == "muon" ? new Muon(_kernels, Model.Parameters, Model.Parts) : new AdamW(_kernels, Model.Parameters);
        Options = new LearnerOptions { MicroBatchTokens = microBatch };
    }

    public Transformer Model { get; }

    public IOptimizer Optimizer { get; }

    public LearnerOptions Options { get; }

    public IKernels Kernels => _kernels;

    public static StagePlan Plan(int steps = 50, LossWeights? loss = null) => new()
    {
        Name = "pretrain",
        Mixture = new Dictionary<string, double> { ["counting"] = 0.6, ["repeating"] = 0.4 },
        Steps = steps,
        BatchTokens = 192,
        SequenceLength = 32,
        LearningRate = 5e-3f,
        WarmupSteps = 5,
        DecayFraction = 0.5,
        Loss = loss ?? LossWeights.All,
    };

    public static TokenDataset[] Data() => [Documents("counting", (i, start) => (start + i) % Vocabulary), Documents("repeating", (i, start) => i % 2 == 0 ? start : 36 - start)];

    public TrainingStage Stage(StagePlan plan) => new(plan, Model, Optimizer, _kernels, Data(), [], seed: 3, Options);

    public byte[] Weights() => System.Runtime.InteropServices.MemoryMarshal.AsBytes(Model.Parameters.Values.Span).ToArray();

    public void Dispose()
    {
        Optimizer.Dispose();
        Model.Dispose();
        _kernels.Dispose();
    }

    private static TokenDataset Documents(string name, Func<int, int, int> token)
    {
        var random = new RandomStream(1, name);
        var documents = new List<TokenizedDocument>();
        for (int d = 0; d < 200; d++)
        {
            int start = random.Next(Vocabulary), length = random.Next(2, 50);
            documents.Add(new TokenizedDocument([.. Enumerable.Range(0, length).Select(i => token(i, start))], null, length));
        }

        return TokenDataset.InMemory(name, documents);
    }
}
