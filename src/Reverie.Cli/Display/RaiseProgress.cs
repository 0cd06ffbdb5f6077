using Reverie.Evaluation;
using Reverie.Training;

namespace Reverie.Cli.Display;

/// <summary>
/// Keeps what a run tells, on its thread, for a display that looks at it now and then from another one. Both hold the lock only to
/// copy a few numbers.
/// </summary>
internal sealed class RaiseProgress : IRaiseListener
{
    /// <summary>Steps over which loss and speed are smoothed.</summary>
    private const double Smoothing = 20;

    private const string Exams = "exams";

    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly long _started;
    private readonly string _name, _doing;
    private readonly double _budgetSeconds;
    private readonly bool _hasExams;
    private readonly List<Phase> _phases = [];
    private readonly LossCurve _losses = new();
    private LossCurve _passes = new();
    private RolloutReport? _rollouts;
    private double _pass;
    private readonly SortedDictionary<string, (double First, double Now)> _bitsPerByte = new(StringComparer.Ordinal);
    private readonly List<ExamResult> _exams = [];
    private string _examined = "";
    private RaisePlan? _plan;
    private int _firstStep;
    private long _phaseStarted;
    private double _loss = double.NaN, _tokens, _seconds;
    private StepReport _last;
    private string _sample = "";
    private bool _stopping;

    /// <summary>Begins to follow.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="clock">Measures the time.</param>
    /// <param name="doing">What is done to the model.</param>
    public RaiseProgress(RaiseOptions options, TimeProvider? clock = null, string doing = "raising")
    {
        _doing = doing;
        _clock = clock ?? TimeProvider.System;
        _started = _phaseStarted = _clock.GetTimestamp();
        (_name, _budgetSeconds, _hasExams) = (options.Name, options.Minutes * 60, options.ExamQuestions > 0);
    }

    /// <summary>Told of the plan and whether a run is resumed.</summary>
    public event Action<RaisePlan, bool>? PlanStands;

    /// <summary>What is known now.</summary>
    public RaiseSnapshot Snapshot()
    {
        lock (_lock)
        {
            double tokensPerSecond = _seconds > 0 ? _tokens / _seconds : 0;
            return new RaiseSnapshot
            {
                Name = _name,
                Doing = _doing,
                ElapsedSeconds = _clock.GetElapsedTime(_started).TotalSeconds,
                BudgetSeconds = _budgetSeconds,
                Phases = [.. _phases.Select(p => p.State == PhaseState.Running ? p with { Seconds = p.Seconds + _clock.GetElapsedTime(_phaseStarted).TotalSeconds } : p)],
                Losses = _losses.ToArray(),
                Loss = _loss,
                TokensPerSecond = tokensPerSecond,
                Utilisation = _plan is null ? double.NaN : tokensPerSecond * _plan.FlopsPerToken / (_plan.CeilingGflops * 1e9),
                LearningRate = _last.LearningRate,
                GradientNorm = _last.GradientNorm,
                Rollouts = _rollouts,
                PassRates = _passes.ToArray(),
                BitsPerByte = [.. _bitsPerByte.Select(b => (b.Key, b.Value.First, b.Value.Now))],
                Sample = _sample,
                Exams = [.. _exams],
                Stopping = _stopping,
            };
        }
    }

    /// <summary>A stop was asked for.</summary>
    public void Stop()
    {
        lock (_lock) _stopping = true;
    }

    /// <inheritdoc/>
    public void Progressed(string phase, double fraction, string detail)
    {
        lock (_lock)
        {
            Begin(phase);
            double elapsed = _clock.GetElapsedTime(_phaseStarted).TotalSeconds;
            double left = fraction is > 0.02 and <= 1 ? elapsed * (1 - fraction) / fraction : double.NaN;
            Update(p => p with { Fraction = fraction, SecondsLeft = left, Detail = detail });
            if (fraction >= 1) End(elapsed);
        }
    }

    /// <inheritdoc/>
    public void Planned(RaisePlan plan, bool resumed)
    {
        lock (_lock)
        {
            _plan = plan;
            foreach (StagePlan stage in plan.Recipe.Stages)
                if (_phases.All(p => p.Name != stage.Name)) _phases.Add(new Phase(stage.Name));
            if (_hasExams) _phases.Add(new Phase(Exams));
        }

        PlanStands?.Invoke(plan, resumed);
    }

    /// <inheritdoc/>
    public void StageStarted(StagePlan plan, int firstStep)
    {
        lock (_lock)
        {
            _firstStep = firstStep;
            (_tokens, _seconds) = (0, 0);
            (_rollouts, _passes) = (null, new LossCurve());
            Begin(plan.Name);
            SkipUntil(plan.Name);
            Update(p => p with { Fraction = (double)firstStep / Math.Max(plan.Steps, 1), Detail = StepOf(plan, firstStep) });
        }
    }

    /// <inheritdoc/>
    public void Stepped(StagePlan plan, int step, in StepReport report)
    {
        lock (_lock)
        {
            _last = report;
            _tokens = _tokens * (1 - 1 / Smoothing) + report.Tokens;
            _seconds = _seconds * (1 - 1 / Smoothing) + report.Seconds;
            if (!report.Skipped && plan.Rollouts is null)
            {
                _loss = double.IsNaN(_loss) ? report.Loss : _loss + (report.Loss - _loss) / Smoothing;
                _losses.Add(_loss);
            }

            double elapsed = _clock.GetElapsedTime(_phaseStarted).TotalSeconds;
            double left = elapsed / Math.Max(step - _firstStep, 1) * (plan.Steps - step), fraction = (double)step / Math.Max(plan.Steps, 1);
            if (plan.MaximumSeconds > 0 && plan.MaximumSeconds - elapsed < left)
            {
                left = Math.Max(plan.MaximumSeconds - elapsed, 0);
                fraction = Math.Max(fraction, elapsed / Math.Max(elapsed + left, 1e-9));
            }

            Update(p => p with { Fraction = fraction, SecondsLeft = left, Detail = StepOf(plan, step) });
        }
    }

    /// <inheritdoc/>
    public void RolledOut(StagePlan plan, int step, RolloutReport report)
    {
        lock (_lock)
        {
            _pass = _rollouts is null ? report.Statistics.PassAt1 : _pass + ((report.Statistics.PassAt1 - _pass) / 5);
            _passes.Add(_pass);
            _rollouts = report with { Sample = report.Sample ?? _rollouts?.Sample };
            _sample = "";
        }
    }

    /// <inheritdoc/>
    public void Evaluated(StagePlan plan, int step, IReadOnlyDictionary<string, double> bitsPerByte)
    {
        lock (_lock)
        {
            foreach ((string source, double value) in bitsPerByte)
                _bitsPerByte[source] = (_bitsPerByte.TryGetValue(source, out (double First, double Now) known) ? known.First : value, value);
        }
    }

    /// <inheritdoc/>
    public void Sampled(StagePlan plan, int step, string text)
    {
        lock (_lock) _sample = text;
    }

    /// <inheritdoc/>
    public void StageFinished(StagePlan plan, int steps, TimeSpan elapsed)
    {
        lock (_lock)
        {
            Update(p => p with { Fraction = 1, Detail = $"{Figures.Whole(steps)} steps, {Figures.Short((double)steps * plan.BatchTokens)} tokens" });
            End(elapsed.TotalSeconds);
        }
    }

    /// <inheritdoc/>
    public void Examined(string stage, ExamResult result)
    {
        lock (_lock)
        {
            // What is shown is where the model stands now.
            if (stage != _examined) _exams.Clear();
            _examined = stage;
            _exams.Add(result);
        }
    }

    /// <inheritdoc/>
    public void Saved(string model, string folder) { }

    private static string StepOf(StagePlan plan, int step) =>
        plan.Rollouts is not null && plan.MaximumSeconds > 0 ? $"step {Figures.Whole(step)}" : $"step {Figures.Whole(step)} of {Figures.Whole(plan.Steps)}";

    /// <summary>Makes a phase the running one, the last in the list that is.</summary>
    private void Begin(string name)
    {
        int index = _phases.FindIndex(p => p.Name == name);
        if (index >= 0 && _phases[index].State == PhaseState.Running) return;
        End(_clock.GetElapsedTime(_phaseStarted).TotalSeconds);
        if (index < 0)
        {
            // What nobody announced stands before what is still to come.
            int pending = _phases.FindIndex(p => p.State == PhaseState.Pending);
            index = pending < 0 ? _phases.Count : pending;
            _phases.Insert(index, new Phase(name));
        }

        _phases[index] = _phases[index] with { State = PhaseState.Running };
        _phaseStarted = _clock.GetTimestamp();
    }

    /// <summary>Stages before a resumed one were done by an earlier process.</summary>
    private void SkipUntil(string name)
    {
        for (int i = 0; _phases[i].Name != name; i++)
            if (_phases[i].State == PhaseState.Pending) _phases[i] = new Phase(_phases[i].Name, PhaseState.Done, double.NaN, 1, 0, "done before");
    }

    private void Update(Func<Phase, Phase> change)
    {
        int index = _phases.FindIndex(p => p.State == PhaseState.Running);
        if (index >= 0) _phases[index] = change(_phases[index]);
    }

    private void End(double seconds) => Update(p => p with
    {
        State = PhaseState.Done,
        Seconds = p.Seconds + seconds,
        Fraction = 1,
        SecondsLeft = 0,
        // What was being worked on last is no summary of a phase with parts.
        Detail = double.IsNaN(p.Fraction) || p.Fraction >= 1 ? p.Detail : "",
    });
}
