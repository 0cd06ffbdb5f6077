using Reverie.Evaluation;
using Reverie.Models;
using Reverie.Training;

namespace Reverie.Cli.Tests;

/// <summary>A run that only pretends: what a real one tells its listeners, in the same order.</summary>
internal static class Script
{
    public const int Steps = 40, StageSeconds = 20;

    public static readonly RaisePlan Plan = MakePlan();

    public static readonly RaiseResult Result = new(
        "tiny@3", "/home/someone/.reverie/models/tiny/3", "tiny-1", 291.5, 1_930_000, 2_100_000,
        new Dictionary<string, double> { ["stories"] = 0.61, ["encyclopedia"] = 0.734 },
        new Dictionary<string, double> { ["addition"] = 0.97, ["name-memory"] = 1, ["facts"] = 0.85, ["abstain"] = 0.9 },
        [new StageResult("pretrain", 40, 81920, 180, 1.234, 0), new StageResult("sft", 40, 81920, 60, double.NaN, 2)]);

    /// <summary>Plays the whole run, or only the first steps of a stage.</summary>
    public static RaiseResult Play(IReadOnlyList<IRaiseListener> listeners, ManualClock clock, string? stopIn = null, int stopAfter = int.MaxValue)
    {
        void All(Action<IRaiseListener> tell)
        {
            foreach (IRaiseListener listener in listeners) tell(listener);
        }

        All(l => l.Progressed("measure", double.NaN, "the machine"));
        clock.Pass(1.5);
        All(l => l.Progressed("tokenizer", double.NaN, "1536 tokens"));
        clock.Pass(3);
        All(l => l.Planned(Plan, false));
        for (int i = 0; i <= 4; i++)
        {
            All(l => l.Progressed("data", i / 4.0, "stories: 250,000 tokens"));
            clock.Pass(1);
        }

        foreach (StagePlan stage in Plan.Recipe.Stages)
        {
            All(l => l.StageStarted(stage, 0));
            for (int step = 1; step <= stage.Steps; step++)
            {
                clock.Pass((double)StageSeconds / Steps);
                var report = new StepReport(6.0 / (1 + 0.1 * step), 4000, 2048, 2048, 6000, 0.82, 0.003f, (double)StageSeconds / Steps, false);
                All(l => l.Stepped(stage, step, report));
                if (step % 10 == 0)
                {
                    All(l => l.Evaluated(stage, step, new Dictionary<string, double> { ["stories"] = 3.0 / step, ["encyclopedia"] = 4.0 / step }));
                    All(l => l.Sampled(stage, step, "Tell me a story about a fox. > Once upon a time there was a fox named Ruby.\e[31m She lived under an old oak tree and wanted to find the missing moon."));
                }

                if (stage.Name == stopIn && step == stopAfter) return Result;
            }

            All(l => l.StageFinished(stage, stage.Steps, TimeSpan.FromSeconds(StageSeconds)));
            All(l => l.Saved("tiny@1", "/models/tiny/1"));
        }

        foreach ((string exam, double score) in Result.Scores)
        {
            All(l => l.Progressed("exams", 0.5, exam));
            clock.Pass(1);
            All(l => l.Examined("sft", new ExamResult(exam, 100, score, 0.02, [])));
        }

        return Result;
    }

    private static RaisePlan MakePlan()
    {
        StagePlan Stage(string name, float rate) => new()
        {
            Name = name,
            Mixture = new Dictionary<string, double> { ["stories"] = 0.6, ["encyclopedia"] = 0.4 },
            Steps = Steps,
            BatchTokens = 2048,
            SequenceLength = 256,
            LearningRate = rate,
            DecayFraction = name == "sft" ? 1 : 0,
        };
        var recipe = new Recipe
        {
            Model = TransformerConfig.ForWidth(160, 5, 1536, 256),
            Stages = [Stage("pretrain", 0.004f), Stage("midtrain", 0.004f), Stage("sft", 0.0008f)],
            Optimizer = "muon",
            Beta2 = 0.98f,
            WeightDecay = 0.05f,
            Seed = 7,
        };
        return new RaisePlan("tiny-1", recipe, recipe.Model.ParameterCount, 100, 60, 4096, 12e6, ["stories", "encyclopedia"]);
    }
}
