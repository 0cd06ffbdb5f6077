using Reverie.Models;
using Reverie.Tensors;
using Reverie.Training;

namespace Reverie.Evaluation.Tests;

/// <summary>A model that says "odd" or "even", which is all that these tests need of one.</summary>
public sealed class CoinModel : IDisposable
{
    public const string Tasks = "parity:worked=0", Name = "coin";

    public CoinModel()
    {
        var tokenizer = Tokenizer.Train([string.Concat(Enumerable.Repeat("Odd or even: 1 0 1 1? odd. Is the number of ones odd or even? even. Parity of 0 1? ", 20))], 300);
        using var transformer = new Transformer(TransformerConfig.ForWidth(32, 1, tokenizer.VocabularySize, 128));
        transformer.Initialize(1);
        (string version, string folder) = Workspace.NextVersion("blank");
        Checkpoint.Save(folder, transformer, tokenizer, new Lineage { Name = "blank", Version = version, Stages = [new StageRecord("pretrain", 1, 1, 1, new Dictionary<string, string>(), 1)] });
        Workspace.SetCurrent("blank", version);
        Taught = Train.Run(new TrainOptions { Stage = "sft", Model = "blank", Name = Name, Tasks = [new TaskShare(Tasks)], Steps = 60, BatchTokens = 512, LearningRate = 0.02f, Questions = 40, Threads = 1 }, Workspace, [], default);
    }

    public Workspace Workspace { get; } = new(Path.Combine(Path.GetTempPath(), "reverie-train-" + Path.GetRandomFileName()));

    public TrainResult Taught { get; }

    public static TrainOptions Reinforce(string name, int steps = 6) => new()
    {
        Stage = "rl",
        Model = $"{Name}@1",
        Name = name,
        Tasks = [new TaskShare(Tasks)],
        Steps = steps,
        Rollouts = new RolloutPlan { Prompts = 4, GroupSize = 4, TokensPerTurn = 8, MeasureDivergenceEvery = 2 },
        LearningRate = 1e-3f,
        Questions = 10,
        Threads = 1,
    };

    public byte[] Weights(string model) => File.ReadAllBytes(Path.Combine(Workspace.Resolve(model), "model.safetensors"));

    public void Dispose() => Directory.Delete(Workspace.Root, recursive: true);
}

public class TrainTests(CoinModel coin) : IClassFixture<CoinModel>
{
    [Fact]
    public void Sft_on_demonstrations_teaches_and_says_by_how_much()
    {
        ExamChange exam = coin.Taught.Exams.Single(e => e.Name == CoinModel.Tasks);
        Assert.Equal(0, exam.Before);
        Assert.True(exam.After > 0.3, $"a guess is right half of the time, not {exam.After}");
        Assert.Equal(exam.After - exam.Before, exam.Difference);
        Assert.Equal(2, coin.Taught.Exams.Count);
    }

    [Fact]
    public void A_new_version_knows_its_parent_and_what_it_learned_from()
    {
        TrainResult result = Train.Run(CoinModel.Reinforce("heir", 2) with { Questions = 0 }, coin.Workspace, [], default);
        Lineage parent = Checkpoint.ReadLineage(coin.Workspace.Resolve("coin@1"))!, lineage = Checkpoint.ReadLineage(result.Folder)!;
        Assert.Equal("heir@1", result.Model);
        Assert.Equal(parent.Id, lineage.Parent);
        Assert.Equal(["pretrain", "sft", "rl"], lineage.Stages.Select(s => s.Stage));
        Assert.Equal("dr-grpo", lineage.Stages[^1].Data["credit"]);
        Assert.Equal("tasks, share 1", lineage.Stages[^1].Data[CoinModel.Tasks]);
    }

    [Theory]
    [InlineData("dr-grpo", null, 1)]
    [InlineData("dr-grpo", 2, 2)]
    [InlineData("ppo", null, 1)]
    [InlineData("dpo", null, 1)]
    public void Resumed_run_equals_uninterrupted_run(string credit, int? lora, int updates)
    {
        string name = $"{credit}-{lora ?? 0}";
        TrainOptions Options(string suffix) => CoinModel.Reinforce(name + suffix) with { LoraRank = lora, Rollouts = CoinModel.Reinforce("").Rollouts with { Credit = credit, UpdatesPerBatch = updates } };
        Train.Run(Options("-whole"), coin.Workspace, [], default);
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Train.Run(Options("-parts"), coin.Workspace, [new StopAt(3, stop)], stop.Token));
        TrainResult result = Train.Run(Options("-parts") with { Threads = 2 }, coin.Workspace, [], default);
        Assert.Equal(6, result.Stage.Steps);
        Assert.Equal(coin.Weights($"{name}-whole"), coin.Weights($"{name}-parts"));
        Assert.NotEqual(coin.Weights("coin@1"), coin.Weights($"{name}-parts"));
        Assert.Single(Directory.GetDirectories(coin.Workspace.RunsFolder, $"{name}-parts-rl-*"));
    }

    [Fact]
    public void Every_rule_trains()
    {
        foreach (ICredit rule in CreditRules.All)
        {
            TrainOptions options = CoinModel.Reinforce("by-" + rule.Name, 2) with { Questions = 0, Teacher = "coin@1" };
            TrainResult result = Train.Run(options with { Rollouts = options.Rollouts with { Credit = rule.Name } }, coin.Workspace, [], default);
            Assert.Equal(2, result.Stage.Steps);
        }
    }

    [Fact]
    public void What_a_run_keeps_makes_a_report()
    {
        TrainResult result = Train.Run(CoinModel.Reinforce("seen", 2), coin.Workspace, [], default);
        RunReport report = Reports.Read(coin.Workspace, result.Run);
        Assert.Empty(report.Warnings);
        Assert.Contains(report.Reinforcement, c => c.Name == "mean_reward" && c.Values.Count == 2);
        Assert.Equal([Train.Before, "rl"], report.Exams.Select(e => e.Stage).Distinct());
        Assert.All(report.Exams, e => Assert.Equal("held-out", e.Split));
        Assert.True(File.Exists(Path.Combine(coin.Workspace.RunsFolder, result.Run, "report.html")));
        Assert.False(File.Exists(Path.Combine(coin.Workspace.RunsFolder, result.Run, "state.safetensors")));
    }

    [Fact]
    public void An_adapter_can_be_kept_by_itself_and_the_model_stays_as_it_was()
    {
        string folder = Path.Combine(coin.Workspace.Root, "kept");
        TrainOptions options = new() { Stage = "sft", Model = "coin@1", Tasks = [new TaskShare("spelling")], Steps = 4, BatchTokens = 512, LoraRank = 2, AdapterFolder = folder, Questions = 0, Threads = 1 };
        TrainResult result = Train.Run(options, coin.Workspace, [], default);
        Assert.Equal("coin@1", result.Model);
        Assert.Equal(["1"], coin.Workspace.Models().Where(m => m.Name == "coin").Select(m => m.Version));
        using var checkpoint = Checkpoint.Load(coin.Workspace.Resolve("coin"));
        using Adapter adapter = Adapter.Load(folder, checkpoint.Transformer, checkpoint.Lineage!.Id);
        Assert.Contains(adapter.Parameters.All, p => p.Name.EndsWith("lora_B.weight", StringComparison.Ordinal) && p.Value.Span.ContainsAnyExcept(0f));
    }

    [Fact]
    public void A_teacher_is_learned_from_on_text()
    {
        TrainOptions options = new() { Stage = "distill", Model = "blank@1", Name = "pupil", Teacher = "coin@1", Data = [Text()], Steps = 6, BatchTokens = 512, Questions = 0, Threads = 1 };
        TrainResult result = Train.Run(options, coin.Workspace, [], default);
        Assert.Equal(Checkpoint.ReadLineage(coin.Workspace.Resolve("coin@1"))!.Id, Checkpoint.ReadLineage(result.Folder)!.Stages[^1].Data["teacher"]);
        Assert.NotEqual(coin.Weights("blank@1"), coin.Weights("pupil@1"));
        Assert.True(double.IsFinite(result.Stage.Loss) && result.Stage.SkippedBatches == 0);
    }

    [Theory]
    [InlineData("on-policy-distill", "--teacher")]
    [InlineData("distill", "--teacher")]
    public void A_rule_whose_needs_are_not_met_is_refused_in_one_line(string credit, string advice)
    {
        ReverieException error = Assert.Throws<ReverieException>(() => Train.Run(CoinModel.Reinforce("never") with { Rollouts = new RolloutPlan { Credit = credit } }, coin.Workspace, [], default));
        Assert.Contains(advice, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    private string Text()
    {
        string path = Path.Combine(coin.Workspace.Root, "text.txt");
        File.WriteAllText(path, string.Join("\n\n", Enumerable.Range(0, 400).Select(i => $"Parity of {i % 2} {i / 2 % 2} {i / 4 % 2}? {(i % 3 == 0 ? "odd" : "even")}. Number {i}.")));
        return path;
    }

    private sealed class StopAt(int step, CancellationTokenSource stop) : IRaiseListener
    {
        public void Stepped(StagePlan plan, int taken, in StepReport report)
        {
            if (taken == step) stop.Cancel();
        }

        public void StageStarted(StagePlan plan, int firstStep) { }

        public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte) { }

        public void Sampled(StagePlan plan, int step, string text) { }

        public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) { }

        public void Progressed(string phase, double fraction, string detail) { }

        public void Planned(RaisePlan plan, bool resumed) { }

        public void Examined(string stage, ExamResult result) { }

        public void Saved(string model, string folder) { }
    }
}
