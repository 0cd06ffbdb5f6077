using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>Makes the recipe of <c>raise</c>: time, machine and options in, every number out.</summary>
internal static class RaisePlanner
{
    /// <summary>Share of the training time of each stage.</summary>
    public static readonly (string Name, double Share)[] Stages = [("pretrain", 0.52), ("midtrain", 0.22), ("sft", 0.09), ("rl", 0.17)];

    /// <summary>The stages that were asked for.</summary>
    public static (string Name, double Share)[] StagesOf(RaiseOptions options) => options.WithoutRl ? Stages[..^1] : Stages;

    /// <summary>Share of real text in pretraining when there is some and nothing else is asked; later stages have half of it.</summary>
    private const double DefaultDataShare = 0.5;

    /// <summary>What a person's words count before SFT, see <see cref="LossWeights.Others"/>; measured in docs/recipe.md.</summary>
    public const float OthersWeight = 0.1f;

    // A stage that the clock ends may take so many times the steps that were expected: the machine may have been busy when it was measured.
    private const int ClockSlack = 2;

    /// <summary>Learning rate of RL, of pretraining's, where nothing is rehearsed; measured in docs/recipe.md.</summary>
    public const float RlRate = 0.05f;

    /// <summary>The same where something is, and the rate falls to nothing.</summary>
    public const float RehearsedRlRate = 0.15f;

    /// <summary>Learning rate of SFT, of pretraining's.</summary>
    public const float FineTuneRate = 0.2f;

    /// <summary>A step of RL on the smallest model takes longer than that: the clock ends the stage.</summary>
    public const double MostRolloutStepsPerSecond = 20;

    /// <summary>What is seen of the five-minute model, for those who must know beforehand how much will be read.</summary>
    public const double TypicalRolloutStepsPerSecond = 2;

    /// <summary>Tokens of an episode, about.</summary>
    private const int TypicalEpisode = 90;

    private const int DefaultContext = 512;

    /// <summary>The task sets of RL.</summary>
    public static IEnumerable<ITaskSet> ReinforcedSets(RaiseOptions options) => options.WithoutRl ? [] : PrimerMixture.Reinforce.Shares.Keys.Select(TaskSets.Find);

    /// <summary>Seconds kept back for the exams, checkpoints and first words.</summary>
    public static double Reserve(RaiseOptions options) => options.ExamQuestions * 0.04 + options.Minutes * 60 * 0.015 + 1;

    /// <summary>Chooses the shape for the time that is left, measures it, and plans the stages.</summary>
    /// <param name="options">What the person asked for.</param>
    /// <param name="run">The run's id.</param>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="ceiling">Measured multiply-add ceiling in GFLOP/s.</param>
    /// <param name="vocabulary">Size of the tokenizer.</param>
    /// <param name="sources">Names of the sources, and for real data whether they hold conversations.</param>
    /// <param name="seconds">Time left for training, before the measurement.</param>
    public static RaisePlan Plan(RaiseOptions options, string run, IKernels kernels, double ceiling, int vocabulary, IReadOnlyList<RaiseSource> sources, double seconds)
    {
        int context = options.Context ?? DefaultContext;
        string optimizer = options.Optimizer ?? "muon";
        TransformerConfig shape = options.Tokens is { } given ? RecipeRules.Shape(given, vocabulary, context) : RecipeRules.Shape(seconds, ceiling * 1e9 * RecipeRules.ExpectedUtilisation, vocabulary, context);
        if (options.Width is not null || options.Layers is not null)
            shape = TransformerConfig.ForWidth(options.Width ?? shape.Width, options.Layers ?? shape.Layers, vocabulary, context);
        shape = (shape with { TiedEmbeddings = options.TiedEmbeddings ?? false }).Validate();
        double flops = shape.TrainingFlopsPerToken(RecipeRules.TypicalDocument);
        double expectedTokens = options.Tokens ?? seconds * ceiling * 1e9 * RecipeRules.ExpectedUtilisation / flops;
        int batch = options.BatchTokens ?? RecipeRules.BatchTokens(expectedTokens);
        if (batch < context) throw new ReverieException($"A batch of {batch} tokens cannot hold a context of {context}. Raise --batch-tokens or lower --context.");

        var recipe = new Recipe
        {
            Model = shape,
            Optimizer = optimizer,
            Beta2 = 0.98f,
            WeightDecay = 0.05f,
            Rates = shape.TiedEmbeddings ? new LearningRates() : new LearningRates(Embedding: 4, Head: 0.5f),
            Seed = options.Seed,
            Stages = [],
        };
        double stepSeconds = Measure(recipe, kernels, batch, RecipeRules.TypicalDocument);
        double speed = batch / stepSeconds;
        long tokens = options.Tokens ?? (long)((seconds - 2) * speed);
        float rate = options.LearningRate ?? RecipeRules.LearningRate(optimizer, shape.Width);
        recipe = recipe with
        {
            Stages = [.. StagesOf(options).Select(s => Stage(s.Name, options, sources, (int)Math.Max(2, tokens * s.Share / StagesOf(options).Sum(x => x.Share) / batch), batch, context, rate, options.Tokens is null ? seconds * s.Share / StagesOf(options).Sum(x => x.Share) : 0))],
        };
        return new RaisePlan(run, recipe, shape.ParameterCount, ceiling, speed * flops / 1e9, speed, flops, [.. sources.Select(s => s.Corpus.Name)]);
    }

    private static StagePlan Stage(string name, RaiseOptions options, IReadOnlyList<RaiseSource> sources, int steps, int batch, int context, float rate, double seconds)
    {
        var plan = new StagePlan
        {
            Name = name,
            Mixture = Mixture(name, options, sources),
            Steps = steps,
            BatchTokens = batch,
            SequenceLength = context,
            Loss = new LossWeights(1, OthersWeight),
            LearningRate = rate,
            MaximumSeconds = seconds,
            EvaluateEvery = Math.Max(1, steps / 3),
            SampleEvery = Math.Max(1, steps / 5),
            EvaluationTokens = 4096,
        };
        RolloutPlan rollouts = options.Minutes < 2 ? new RolloutPlan { Prompts = 8, GroupSize = 8 } : new RolloutPlan();
        rollouts = rollouts with { Prompts = options.RlPrompts ?? rollouts.Prompts, GroupSize = options.RlGroupSize ?? rollouts.GroupSize, Credit = options.Credit ?? rollouts.Credit };
        return name switch
        {
            // Pretraining keeps the rate up: where it ends is decided by the clock, so nothing in it may depend on its length.
            "pretrain" => plan with { WarmupSteps = Math.Min(50, Math.Max(1, steps / 10)), Steps = seconds > 0 ? steps * ClockSlack : steps, ExpectedSteps = steps },
            "midtrain" => plan with { DecayFraction = 1, FinalFraction = 0.2 },
            "rl" => plan with
            {
                Mixture = PrimerMixture.Reinforce.Shares,
                LearningRate = options.RlLearningRate ?? rate * RehearsedRlRate,
                DecayFraction = 1,
                Loss = LossWeights.Assistant,
                ExpectedSteps = seconds > 0 ? (int)(seconds * TypicalRolloutStepsPerSecond) : null,
                Rollouts = rollouts with { Rehearsal = new RehearsalPlan(Mixture("sft", options, sources)) },
                Steps = seconds > 0 ? Math.Max(2, (int)(seconds * MostRolloutStepsPerSecond)) : Math.Max(2, steps * batch / (rollouts.Prompts * rollouts.GroupSize * TypicalEpisode)),
                EvaluateEvery = 0,
                SampleEvery = 0,
            },
            _ => plan with { DecayFraction = 1, LearningRate = rate * FineTuneRate, Loss = LossWeights.Assistant },
        };
    }

    private static Dictionary<string, double> Mixture(string stage, RaiseOptions options, IReadOnlyList<RaiseSource> sources)
    {
        IReadOnlyDictionary<string, double> primer = (stage switch { "pretrain" => PrimerMixture.Pretrain, "midtrain" => PrimerMixture.Midtrain, _ => PrimerMixture.FineTune }).Shares;
        RaiseSource[] data = [.. sources.Where(s => !s.IsPrimer && (stage != "sft" || s.HasConversations))];
        double share = data.Length == 0 ? 0 : (options.DataShare ?? DefaultDataShare) * (stage == "pretrain" ? 1 : 0.5);
        if (share is < 0 or > 1) throw new ReverieException($"The share of your data is {share}; give a number from 0 to 1 with --data-share.");
        double primerSum = primer.Values.Sum();
        var mixture = primer.Where(p => p.Value > 0 && share < 1).ToDictionary(p => p.Key, p => p.Value / primerSum * (1 - share));
        if (share > 0)
            foreach (RaiseSource source in data) mixture[source.Corpus.Name] = share / data.Length;
        return mixture;
    }

    private static double Measure(Recipe recipe, IKernels kernels, int batch, int sequence)
    {
        using var model = new Transformer(recipe.Model);
        model.Initialize(1);
        using IOptimizer trial = recipe.NewOptimizer(kernels, model);
        return RecipeRules.MeasureStep(model, trial, kernels, batch, sequence);
    }
}
