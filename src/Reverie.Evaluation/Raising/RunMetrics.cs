using System.Text.Json.Nodes;
using Reverie.Training;

namespace Reverie.Evaluation;

/// <summary>
/// Keeps a run's figures: <c>metrics.jsonl</c>, which is the truth, and events for TensorBoard. Steps count over all stages; what a
/// killed run had written after its last saved state is dropped when it resumes.
/// </summary>
internal sealed class RunMetrics : IRunListener, IDisposable
{
    private readonly MetricsLog _log;
    private readonly TensorBoardWriter _events;
    private readonly double _flopsPerToken;
    private int _before;

    /// <summary>Opens the files of a run.</summary>
    /// <param name="run">Its folder.</param>
    /// <param name="stepsBefore">Steps of the stages that are complete.</param>
    /// <param name="step">Steps of the stage that is resumed.</param>
    /// <param name="flopsPerToken">Floating-point operations of training on one token.</param>
    public RunMetrics(RunFolder run, int stepsBefore, int step, double flopsPerToken)
    {
        (_before, _flopsPerToken) = (stepsBefore, flopsPerToken);
        _log = new MetricsLog(run.MetricsPath, stepsBefore + step);
        _events = new TensorBoardWriter(System.IO.Path.Combine(run.Path, "events"));
    }

    public void StageStarted(StagePlan plan, int firstStep) { }

    public void Stepped(StagePlan plan, int step, in StepReport report)
    {
        double speed = report.Seconds > 0 ? report.Tokens / report.Seconds : 0, bits = report.Bytes > 0 ? report.Nats / report.Bytes / Math.Log(2) : 0;
        var record = new JsonObject
        {
            ["stage"] = plan.Name,
            ["loss"] = report.Loss,
            ["bits_per_byte"] = bits,
            ["tokens"] = report.Tokens,
            ["supervised_tokens"] = report.SupervisedTokens,
            ["gradient_norm"] = report.GradientNorm,
            ["learning_rate"] = report.LearningRate,
            ["seconds"] = report.Seconds,
            ["tokens_per_second"] = speed,
            ["gflops"] = speed * _flopsPerToken / 1e9,
        };
        // What is rehearsed beside episodes has losses of its own, which their objective hides.
        if (plan.Rollouts?.Rehearsal is { } rehearsal) (record["rehearsal_loss"], record["rehearsal_divergence"]) = (report.CeLoss / rehearsal.Imitation, report.KlLoss / rehearsal.Divergence);
        _log.Write(_before + step, record);
        _events.Write(_before + step, ("train/loss", report.Loss), ("train/bits_per_byte", bits), ("train/gradient_norm", report.GradientNorm),
            ("train/learning_rate", report.LearningRate), ("speed/tokens_per_second", speed));
    }

    public void RolledOut(StagePlan plan, int step, RolloutReport report)
    {
        RolloutStatistics statistics = report.Statistics;
        var record = new JsonObject { ["stage"] = plan.Name };
        (string Name, double Value)[] values =
        [
            .. statistics.Scores.Select(s => ($"reward/{s.Key}", s.Value)),
            ("mean_reward", statistics.MeanReward), ("pass_at_1", statistics.PassAt1), ("pass_at_k", statistics.PassAtK.Count > 0 ? statistics.PassAtK.MaxBy(p => p.Key).Value : statistics.PassAt1),
            ("entropy", statistics.Entropy), ("kl", statistics.Kl ?? double.NaN), ("length", statistics.MeanLength), ("turns", statistics.MeanTurns), ("signal", statistics.SignalShare),
            ("bits_per_rollout", statistics.BitsPerRollout), ("truncated", statistics.Truncated), ("out_of_turns", statistics.OutOfTurns), ("failed", statistics.Failed), ("rollouts", statistics.Traces),
            ("rollout_seconds", report.Seconds), ("engine_share", report.EngineSeconds / report.Seconds), ("rollout_tokens", report.Tokens), ("rollout_tokens_per_second", report.Tokens / report.Seconds),
            ("max_logp_difference", report.MaximumLogProbabilityDifference),
        ];
        foreach ((string name, double value) in values.Where(v => double.IsFinite(v.Value)))
        {
            record[name] = value;
            _events.Write(_before + step, ($"rl/{name}", value));
        }

        _log.Write(_before + step, record);
    }

    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte)
    {
        var record = new JsonObject { ["stage"] = plan.Name };
        foreach ((string source, double bits) in bitsPerByte)
        {
            record[$"held_out/{source}"] = bits;
            _events.Write(_before + step, ($"held_out/{source}", bits));
        }

        _log.Write(_before + step, record);
    }

    public void Sampled(StagePlan plan, int step, string text) => _log.Write(_before + step, new JsonObject { ["stage"] = plan.Name, ["sample"] = text });

    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed) => _before += steps;

    public void Dispose()
    {
        _log.Dispose();
        _events.Dispose();
    }
}
