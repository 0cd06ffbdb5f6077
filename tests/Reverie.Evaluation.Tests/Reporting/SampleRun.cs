using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Models;
using Reverie.Training;

namespace Reverie.Evaluation.Tests;

/// <summary>A workspace with runs that have every file a report can show, and odd things in them.</summary>
public sealed class SampleRun : IDisposable
{
    /// <summary>Markup, quotes, a bell, a line turned around and characters beyond the first plane, as a model may say them.</summary>
    public const string Hostile = "<script>alert('x')</script> & \"q\" \a \u202E \U0001F98A </style>";

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public SampleRun() => Write("full-1", lift: 1);

    public Workspace Workspace { get; } = new(Path.Combine(Path.GetTempPath(), "reverie-report-" + Path.GetRandomFileName()));

    public string Folder(string run) => Path.Combine(Workspace.RunsFolder, run);

    public string Read(string run, string file) => File.ReadAllText(Path.Combine(Folder(run), file));

    /// <summary>Writes a run whose last exam scores rise with <paramref name="lift"/>, with or without all that is optional.</summary>
    public void Write(string run, double lift, bool onlyRecord = false)
    {
        Directory.CreateDirectory(Folder(run));
        var mixture = new Dictionary<string, double> { ["stories"] = 0.75, ["books <b>"] = 0.25 };
        StagePlan Stage(string name, LossWeights loss) => new() { Name = name, Mixture = mixture, Steps = 40, BatchTokens = 1000, SequenceLength = 128, LearningRate = 0.01f, Loss = loss };
        var recipe = new Recipe { Model = TransformerConfig.ForWidth(32, 1, 300, 128), Stages = [Stage("pretrain", new LossWeights(1, 0.1f)), Stage("sft", LossWeights.Assistant), Stage("rl", LossWeights.Assistant) with { Mixture = new Dictionary<string, double> { ["calendar"] = 1 }, Steps = int.MaxValue, Rollouts = new RolloutPlan() }], Optimizer = "muon", Beta2 = 0.98f, WeightDecay = 0.05f, Seed = 1 };
        var plan = new RaisePlan(run, recipe, 123_456, 200, 100, 50_000, 740_000, ["stories", "books <b>"]);
        var data = new Dictionary<string, string> { ["stories"] = new('a', 64) };
        var record = new RunRecord
        {
            Options = new RaiseOptions { Name = "full", Data = ["books <b>"] },
            Plan = plan,
            Threads = 2,
            Seconds = 36,
            Stages = [new StageResult("pretrain", 40, 40_000, 20, 2, 0), new StageResult("sft", 40, 40_000, 10, 1, 1)],
            Lineage = [new StageRecord("pretrain", 40, 40_000, 1, data, 20), new StageRecord("sft", 40, 40_000, 1, data, 10)],
            Model = "full@2",
            Parent = new string('b', 64),
            Finished = true,
        };
        File.WriteAllText(Path.Combine(Folder(run), "run.json"), JsonSerializer.Serialize(record, _json));
        if (onlyRecord) return;
        Lines(run, "metrics.jsonl", Metrics(lift));
        Lines(run, "exams.jsonl", from stage in (string[])["pretrain", "sft", "rl"]
                                  from exam in (string[])["addition", "abstain"]
                                  select Exam(stage, exam, stage switch { "pretrain" => 0, "sft" => 0.4, _ => Math.Min(1, 0.4 + 0.6 * lift) }));
        Lines(run, "rollouts.jsonl", [new { step = 81, task = "calendar", scores = new { calendar = 0.5 }, tokens = (object[])[Token(Hostile, "user", 0), Token("I moved ", "model", 0.8), Token("lunch.", "model", -1.2), Token("[]", "tool", 0)] }]);
        File.WriteAllText(Path.Combine(Folder(run), "calibration.json"), """{"ece": 0.0625, "bins": [{"confidence": 0.25, "accuracy": 0.5, "count": 4}, {"confidence": 0.5, "accuracy": 0, "count": 0}, {"confidence": 0.95, "accuracy": 1, "count": 40}], "wrong_and_confident": 0.043}""");
        File.WriteAllText(Path.Combine(Folder(run), "budgets.json"), """[{"budget": 32, "tokens": 30.5, "score": 0.6, "standard_error": 0.03}, {"budget": 0, "tokens": 0, "score": 0.4, "standard_error": 0.03}]""");
    }

    public void Dispose() => Directory.Delete(Workspace.Root, recursive: true);

    private static IEnumerable<object> Metrics(double lift)
    {
        for (int step = 1; step <= 80; step++)
        {
            string stage = step <= 40 ? "pretrain" : "sft";
            yield return new { step, stage, loss = 7 * Math.Exp(-step / 30.0), tokens = 1000, gradient_norm = 0.5, learning_rate = 0.01, tokens_per_second = 50_000 };
            if (step % 20 == 0) yield return new Dictionary<string, object> { ["step"] = step, ["stage"] = stage, ["held_out/stories"] = 3.0 / step, ["held_out/books <b>"] = 5.0 / step };
            if (step % 40 == 0) yield return new { step, stage, sample = Hostile };
        }

        for (int i = 1; i <= 60; i++)
            yield return new Dictionary<string, object> { ["step"] = 80 + i, ["stage"] = "rl", ["reward/calendar"] = i / 100.0 * lift, ["pass_at_1"] = 0.5, ["pass_at_k"] = 0.75, ["entropy"] = 1.0 / i, ["truncated"] = 32, ["rollouts"] = 64, ["reward/calls"] = 2.5, ["seconds"] = 0.1, ["max_logp_difference"] = i == 30 ? 3e-7 : 0 };
    }

    private static object Exam(string stage, string exam, double score) => new
    {
        stage,
        exam,
        split = "held_out",
        questions = 100,
        score,
        wrong_and_confident = exam == "abstain" ? 0.25 : double.NaN,
        standard_error = Math.Sqrt(score * (1 - score) / 99),
        transcripts = (object[])[new { prompt = Hostile, reply = Hostile, gold = "12", score = 0.0 }, new { prompt = "User: 1 + 1", reply = "two, rightly", gold = "2", score = 1.0 }],
    };

    private static object Token(string text, string author, double advantage) => new { text, author, advantage };

    private void Lines(string run, string file, IEnumerable<object> lines) =>
        File.WriteAllText(Path.Combine(Folder(run), file), string.Concat(lines.Select(l => string.Create(CultureInfo.InvariantCulture, $"{JsonSerializer.Serialize(l, _json)}\n"))));
}
