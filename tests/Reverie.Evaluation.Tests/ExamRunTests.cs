using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Evaluation.Tests;

public class ExamRunTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public void Samples_of_a_task_differ_and_a_run_repeats_itself()
    {
        using var generator = new Generator(model.Transformer, SmallModel.Tokenizer, model.Kernels);
        var actor = new ModelActor(generator, new SamplingOptions());
        TaskResult Run() => ExamRun.Play(Primer.Exams[0], Split.HeldOut, 3, actor, [generator], SmallModel.Tokenizer, samples: 4).Task();
        TaskResult result = Run();
        Assert.Equal(["score", "pass@1", "pass@2", "pass@4", "pass^2", "pass^4", "maj@4", "best@4"], result.Metrics.Select(m => m.Name));
        Assert.True(result.Samples[0].Responses[0].Distinct().Count() > 1);
        Assert.Equal(result.Samples.SelectMany(s => s.Responses[0]), Run().Samples.SelectMany(s => s.Responses[0]));
        Assert.Equal(12, result.Answers.Count);
    }

    [Fact]
    public void The_figures_are_those_of_the_traces()
    {
        // A question whose score is 1 for "yes" and 0.5 for "maybe"; 4 samples of each of two questions.
        var question = new Question([new Message(Role.User, "Is it?")], "yes", reply => reply == "yes" ? 1 : reply == "maybe" ? 0.5 : 0);
        string[][] replies = [["yes", "no", "yes", "maybe"], ["I don't know.", "maybe", "no", "maybe"]];
        TaskResult result = new ExamRun("toy", [question, question], [.. replies.Select(r => r.Select(text => Episode.Play(question, new Script(text))).ToArray())]).Task();
        double Value(string name) => result.Metrics.Single(m => m.Name == name).Value;
        Assert.Equal((2.5 / 4 + 1.0 / 4) / 2, Value("score"), 12);
        Assert.Equal(0.25, Value("pass@1"), 12);
        Assert.Equal((1 - 1.0 / 6) / 2, Value("pass@2"), 12);
        Assert.Equal(1.0 / 6 / 2, Value("pass^2"), 12);
        Assert.Equal((1 + 0.5) / 2, Value("maj@4"), 12);
        Assert.Single(result.Answers, a => a.IsAbstention);
    }
}
