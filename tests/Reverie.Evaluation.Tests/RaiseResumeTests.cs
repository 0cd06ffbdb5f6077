using Reverie.Models;
using Reverie.Training;

namespace Reverie.Evaluation.Tests;

public class RaiseResumeTests
{
    [Fact]
    public void A_run_stopped_in_a_later_stage_goes_on_though_that_stage_was_fitted_to_the_time()
    {
        string folder = Path.Combine(Path.GetTempPath(), "reverie-raise-" + Path.GetRandomFileName());
        try
        {
            var workspace = new Workspace(folder);
            // A budget of half a second is over before training begins, so that every stage is cut to its least.
            var options = new RaiseOptions { Minutes = 0.01, Width = 32, Layers = 1, Vocabulary = 300, Context = 64, BatchTokens = 128, ExamQuestions = 0 };
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => Raise.Run(options, workspace, [new StopIn("midtrain", stop)], stop.Token));
            RaiseResult result = Raise.Run(options, workspace, [], CancellationToken.None);
            Assert.Equal(["pretrain", "midtrain", "sft", "rl"], result.Stages.Select(s => s.Name));
            Assert.True(File.Exists(Path.Combine(result.Folder, "model.safetensors")));
            Assert.Contains(result.Model, File.ReadAllText(Path.Combine(workspace.RunsFolder, result.Run, "report.html")));
        }
        finally
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class StopIn(string stage, CancellationTokenSource stop) : IRaiseListener
    {
        public void Stepped(StagePlan plan, int step, in StepReport report)
        {
            if (plan.Name == stage) stop.Cancel();
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
