using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Makes the plan of one more stage for a model that is there.</summary>
public static class TrainPlanner
{
    /// <summary>Learning rate of an adapter. Its first factor begins at 0, so that it wants more than the model's own matrices.</summary>
    private const float AdapterRate = 1e-3f;

    private const double DefaultMinutes = 5;
    private const int DefaultBatch = 4096;

    // A large model's speed shows in a small batch; a step of the real one would take minutes.
    private const double MeasuredFlops = 2e11;
    private const int LeastMeasured = 256;

    // Held-out text is read for about so long, which for a small model is more than there are tokens.
    private const double EvaluationSeconds = 10;
    private const int LeastEvaluated = 512, MostEvaluated = 16384;

    /// <summary>Refuses what makes no sense together.</summary>
    /// <exception cref="ReverieException">One line that says what.</exception>
    public static void Check(TrainOptions options)
    {
        if (options.Steps is not null && options.Minutes is not null) throw new ReverieException("Both --steps and --minutes are given. Give the one that is to decide.");
        if (options.Stage == "rl" && options.Tasks.Count == 0) throw new ReverieException("There is nothing to play. Name at least one task set with --tasks.");
        if (options.Stage != "rl" && options.Rehearse.Count > 0) throw new ReverieException($"Only rl rehearses text beside episodes; {options.Stage} reads what --data names.");
        if (options.Stage != "rl" && options.Tasks.Count + options.Data.Count == 0) throw new ReverieException("There is nothing to read. Name files with --data or task sets with --tasks.");
        if (options.Stage == "distill" && options.Teacher is null) throw new ReverieException("Distillation needs a teacher. Name a model with --teacher.");
        if (options.AdapterFolder is { } folder && options.LoraRank is null) throw new ReverieException($"There is no adapter to keep in {folder}. Ask for one with --lora RANK.");
        if (options.AdapterFolder is { } taken && Path.Exists(taken)) throw new ReverieException($"{taken} is there already. Choose a new folder with --keep-adapter.");
        CreditNeeds needs = options.Stage == "rl" ? CreditRules.Find(options.Rollouts.Credit).Needs : CreditNeeds.None;
        if ((needs & (CreditNeeds.Teacher | CreditNeeds.TeacherDistribution)) != 0 && options.Teacher is null)
            throw new ReverieException($"The rule {options.Rollouts.Credit} learns from a teacher. Name a model with --teacher.");
    }

    /// <summary>Plans the stage. The seconds of a time budget become a limit for episodes and a number of steps for text.</summary>
    /// <param name="options">What the person asked for.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="transformer">The model.</param>
    /// <param name="sources">The text, where some is read.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="ceiling">Measured multiply-add ceiling in GFLOP/s.</param>
    internal static RaisePlan Plan(TrainOptions options, string run, Transformer transformer, IReadOnlyList<RaiseSource> sources, IKernels kernels, double ceiling)
    {
        TransformerConfig model = transformer.Config;
        bool isAdapter = options.LoraRank is not null, isRl = options.Stage == "rl", rehearses = options.Rehearse.Count > 0;
        string optimizer = options.Optimizer ?? (isAdapter ? "adamw" : "muon");
        // A context far beyond what people train on would make every step as long: then pieces are as long as a step.
        int batch = options.BatchTokens ?? DefaultBatch;
        var recipe = new Recipe
        {
            Model = model,
            Optimizer = optimizer,
            Beta2 = 0.98f,
            WeightDecay = isAdapter ? 0 : 0.05f,
            Rates = model.TiedEmbeddings ? new LearningRates() : new LearningRates(Embedding: 4, Head: 0.5f),
            Seed = options.Seed,
            Stages = [],
        };
        double flops = model.TrainingFlopsPerToken(RecipeRules.TypicalDocument), speed = Measure(recipe, transformer, options.LoraRank, kernels, Math.Min(batch, Math.Max((int)(MeasuredFlops / flops), LeastMeasured)));
        double seconds = 60 * (options.Minutes ?? DefaultMinutes);
        int steps = options.Steps ?? (isRl ? (int)Math.Max(2, seconds * RaisePlanner.MostRolloutStepsPerSecond) : (int)Math.Max(2, seconds * speed / batch));
        var stage = new StagePlan
        {
            Name = options.Stage,
            Mixture = isRl ? options.Tasks.ToDictionary(t => t.Name, t => t.Share / options.Tasks.Sum(s => s.Share)) : Mixture(options, sources),
            Steps = steps,
            BatchTokens = batch,
            SequenceLength = Math.Min(model.ContextLength, batch),
            Loss = options.Stage switch { "sft" => LossWeights.Assistant, "rl" or "distill" => new LossWeights(1, 0), _ => new LossWeights(1, RaisePlanner.OthersWeight) },
            LearningRate = options.LearningRate ?? (isAdapter ? AdapterRate : RecipeRules.LearningRate(optimizer, model.Width) * (options.Stage switch { "sft" or "distill" => RaisePlanner.FineTuneRate, "rl" => rehearses ? RaisePlanner.RehearsedRlRate : RaisePlanner.RlRate, _ => 1 })),
            // The moments begin anew, so that the first steps must be small.
            WarmupSteps = isRl ? 0 : Math.Min(50, Math.Max(1, steps / 10)),
            DecayFraction = isRl ? rehearses ? 1 : 0 : options.Stage == "pretrain" ? 0.2 : 1,
            FinalFraction = options.Stage is "pretrain" or "midtrain" ? 0.2 : 0,
            MaximumSeconds = isRl && options.Steps is null ? seconds : 0,
            EvaluateEvery = isRl ? 0 : Math.Max(1, steps / 4),
            EvaluationTokens = (int)Math.Clamp(speed * EvaluationSeconds, LeastEvaluated, MostEvaluated),
            SampleEvery = isRl ? 0 : Math.Max(1, steps / 4),
            ExpectedSteps = isRl && options.Steps is null ? (int)(seconds * RaisePlanner.TypicalRolloutStepsPerSecond) : null,
            Rollouts = isRl ? options.Rollouts with { Rehearsal = rehearses ? new RehearsalPlan(Rehearsed(sources)) : null } : null,
        };
        return new RaisePlan(run, recipe with { Stages = [stage] }, model.ParameterCount, ceiling, speed * flops / 1e9, speed, flops, [.. stage.Mixture.Keys]);
    }

    private static Dictionary<string, double> Mixture(TrainOptions options, IReadOnlyList<RaiseSource> sources)
    {
        if (options.Stage == "sft" && sources.FirstOrDefault(s => !s.HasConversations) is { } silent)
            throw new ReverieException($"{silent.Corpus.Name} holds no conversations, so that sft has no replies to imitate. Give JSON lines with \"messages\", or use train pretrain.");
        double Weight(RaiseSource source) => options.Tasks.FirstOrDefault(t => t.Name == source.Corpus.Name)?.Share ?? 1;
        double sum = sources.Sum(Weight);
        return sources.ToDictionary(s => s.Corpus.Name, s => Weight(s) / sum);
    }

    /// <summary>The Primer counts as much as a file.</summary>
    private static Dictionary<string, double> Rehearsed(IReadOnlyList<RaiseSource> sources)
    {
        IReadOnlyDictionary<string, double> primer = PrimerMixture.FineTune.Shares;
        double Weight(RaiseSource source) => source.IsPrimer ? primer.GetValueOrDefault(source.Corpus.Name) : 1;
        double sum = sources.Sum(Weight);
        return sources.ToDictionary(s => s.Corpus.Name, s => Weight(s) / sum);
    }

    /// <summary>Tokens a second.</summary>
    private static double Measure(Recipe recipe, Transformer transformer, int? rank, IKernels kernels, int batch)
    {
        if (rank is int r)
        {
            // The weights stay as they are, so the model itself can be measured.
            using var adapter = new Adapter(transformer, r);
            transformer.Adapter = adapter;
            double speed = Step(transformer);
            transformer.Adapter = null;
            return speed;
        }

        using var model = new Transformer(recipe.Model);
        model.Initialize(1);
        return Step(model);

        double Step(Transformer trained)
        {
            using IOptimizer trial = recipe.NewOptimizer(kernels, trained);
            return batch / RecipeRules.MeasureStep(trained, trial, kernels, batch, RecipeRules.TypicalDocument, 0.5);
        }
    }
}
