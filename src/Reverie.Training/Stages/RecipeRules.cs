using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// The rules behind <c>--minutes</c>: from a budget of time and a measured speed to a model and its training. What the
/// constants rest on, measured or only reasoned, stands in docs/recipe.md.
/// </summary>
public static class RecipeRules
{
    /// <summary>
    /// Tokens that a model must see for each of its parameters. Copying, on which most of the exams rest, forms after so many tokens whatever
    /// the width: of two models that cost the same time the narrower one is better until it is too small to hold the facts.
    /// </summary>
    public const double TokensPerParameter = 6;

    /// <summary>The same in tokens that are really seen: a stage reaches more of the ceiling than <see cref="ExpectedUtilisation"/>.</summary>
    private const double SeenTokensPerParameter = 8;

    /// <summary>Length in tokens of a usual document: what attention costs, since it never crosses one.</summary>
    public const int TypicalDocument = 128;

    /// <summary>Share of the measured multiply-add ceiling that a training step reaches, before it has been measured.</summary>
    public const double ExpectedUtilisation = 0.4;

    /// <summary>Width and layers, from small to large; each is roughly half as large again as the one before.</summary>
    private static readonly (int Width, int Layers)[] Ladder =
    [
        (64, 3), (96, 3), (96, 4), (128, 4), (160, 4), (160, 5), (192, 5), (224, 6), (256, 6), (320, 6), (320, 8), (384, 8), (448, 9), (512, 10), (640, 12), (768, 12), (1024, 16),
    ];

    /// <summary>Size of the vocabulary for that much time: more merges pay only when there is time to learn their rows.</summary>
    /// <param name="minutes">The budget.</param>
    /// <param name="hasData">Whether there is real text, which has far more words than the Primer.</param>
    public static int VocabularySize(double minutes, bool hasData) => minutes switch
    {
        < 2 => 1024,
        < 15 => hasData ? 2048 : 1536,
        < 60 => hasData ? 4096 : 2048,
        < 240 => 4096,
        _ => 8192,
    };

    /// <summary>The largest shape that still sees <see cref="TokensPerParameter"/> tokens for each parameter within the time.</summary>
    /// <param name="trainingSeconds">Time for all stages.</param>
    /// <param name="flopsPerSecond">Expected speed of training steps.</param>
    /// <param name="vocabularySize">Rows of the token table.</param>
    /// <param name="contextLength">Context of the model.</param>
    public static TransformerConfig Shape(double trainingSeconds, double flopsPerSecond, int vocabularySize, int contextLength) =>
        Largest(vocabularySize, contextLength, shape => trainingSeconds * flopsPerSecond / shape.TrainingFlopsPerToken(TypicalDocument) >= TokensPerParameter * shape.ParameterCount);

    /// <summary>The largest shape for a number of tokens, which no machine's speed has a part in: the same tokens and seed are to give the same model anywhere.</summary>
    /// <param name="tokens">Tokens of all stages.</param>
    /// <param name="vocabularySize">Rows of the token table.</param>
    /// <param name="contextLength">Context of the model.</param>
    public static TransformerConfig Shape(long tokens, int vocabularySize, int contextLength) =>
        Largest(vocabularySize, contextLength, shape => tokens >= SeenTokensPerParameter * shape.ParameterCount);

    private static TransformerConfig Largest(int vocabularySize, int contextLength, Func<TransformerConfig, bool> fits)
    {
        TransformerConfig[] shapes = [.. Ladder.Select(rung => TransformerConfig.ForWidth(rung.Width, rung.Layers, vocabularySize, contextLength))];
        return shapes.TakeWhile(fits).LastOrDefault() ?? shapes[0];
    }

    /// <summary>Tokens of a step: small where there are few tokens in all, so that there are a thousand steps or more.</summary>
    public static int BatchTokens(double tokens) => tokens switch
    {
        < 3e6 => 2048,
        < 3e7 => 4096,
        < 3e8 => 8192,
        < 3e9 => 16384,
        _ => 32768,
    };

    /// <summary>Learning rate of the width: it falls as updates of wider layers add up (arXiv 2203.03466).</summary>
    public static float LearningRate(string optimizer, int width) => (float)((optimizer == "muon" ? 0.01 : 3e-3) * Math.Sqrt(128.0 / width));

    /// <summary>
    /// Seconds that one step of a model takes: the median of the later half of some, on random tokens. The first are slower by half or more, because
    /// the runtime compiles the code once more while it runs.
    /// </summary>
    public static double MeasureStep(Transformer model, IOptimizer optimizer, IKernels kernels, int batchTokens, int sequenceLength, double seconds = 2.0)
    {
        var random = new RandomStream(1, "measure step");
        int vocabulary = model.Config.VocabularySize;
        var documents = new List<TokenizedDocument>();
        for (int left = batchTokens; left > 0; left -= sequenceLength)
            documents.Add(new TokenizedDocument([.. Enumerable.Range(0, Math.Min(left, sequenceLength) + 1).Select(_ => random.Next(vocabulary))], null, 0));
        var batch = new Batch(batchTokens);
        new MixtureReader([new MixtureSource(TokenDataset.InMemory("random", documents), 1)], sequenceLength, 1).Next(batch);
        using var learner = new Learner(model, optimizer, kernels);
        learner.Step(batch, 0f);
        var times = new List<double>();
        do times.Add(learner.Step(batch, 0f).Seconds);
        while (times.Sum() < seconds || times.Count < 3);
        times.RemoveRange(0, times.Count / 2);
        times.Sort();
        return times[times.Count / 2];
    }
}
