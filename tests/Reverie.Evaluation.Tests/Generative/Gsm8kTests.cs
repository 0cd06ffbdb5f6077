using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation.Tests.Generative;

public class Gsm8kTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Theory]
    [InlineData(" 48 + 24 = 72\n#### 72", "72", "72")]
    [InlineData("#### -1,234.50 and #### 3", "-1,234.50", "3")]
    [InlineData("The answer is $1,000.", Gsm8kAnswer.Invalid, "$1,000.")]
    [InlineData("he has 5 left", Gsm8kAnswer.Invalid, "5")]
    [InlineData("####72", Gsm8kAnswer.Invalid, "72")]
    [InlineData("none", Gsm8kAnswer.Invalid, Gsm8kAnswer.Invalid)]
    [InlineData("3 apples ...", Gsm8kAnswer.Invalid, "...")]
    public void The_filters_find_what_the_harness_finds(string reply, string strict, string flexible)
    {
        Assert.Equal(strict, Gsm8kAnswer.Strict(reply));
        Assert.Equal(flexible, Gsm8kAnswer.Flexible(reply));
    }

    [Theory]
    [InlineData("72", "so 72\n#### 72", true)]
    [InlineData("$1,000.", "#### 1000", true)]
    [InlineData("72.0", "#### 72", false)]
    [InlineData("[invalid]", "#### 72", false)]
    public void Answers_are_compared_without_commas_dollars_reasoning_and_a_final_point(string answer, string target, bool same) =>
        Assert.Equal(same, Gsm8kAnswer.Matches(answer, target));

    [Fact]
    public void Examples_come_from_the_training_file_by_one_stream_of_draws()
    {
        using var files = new TemporaryFiles();
        files.Write("train.jsonl", Problems("t", 30));
        files.Write("test.jsonl", Problems("q", 4));
        IReadOnlyList<string> prompts = Gsm8kTask.Open(files.Folder, new Gsm8kOptions { Shots = 2 }).Prompts();
        var stream = new MersenneTwister(1234);
        for (int i = 0; i < 4; i++)
        {
            int[] drawn = stream.Sample([.. Enumerable.Range(0, 30)], 2);
            Assert.Equal($"Question: t{drawn[0]}\nAnswer: so\n#### {drawn[0]}\n\nQuestion: t{drawn[1]}\nAnswer: so\n#### {drawn[1]}\n\nQuestion: q{i}\nAnswer:", prompts[i]);
        }
    }

    [Fact]
    public void Without_a_training_file_the_first_problems_are_the_examples()
    {
        using var files = new TemporaryFiles();
        string path = files.Write("problems.jsonl", Problems("q", 4));
        Gsm8kTask task = Gsm8kTask.Open(path, new Gsm8kOptions { Shots = 1 });
        Assert.Equal(3, task.Count);
        Assert.Equal("Question: q0\nAnswer: so\n#### 0\n\nQuestion: q1\nAnswer:", task.Prompts()[0]);
        Assert.Throws<ReverieException>(() => Gsm8kTask.Open(path, new Gsm8kOptions { Shots = 4 }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_run_repeats_itself_and_gives_both_filters_and_the_samples_figures(bool chat)
    {
        using var files = new TemporaryFiles();
        string path = files.Write("problems.jsonl", Problems("what is ", 6));
        using var generator = new Generator(model.Transformer, SmallModel.Tokenizer, model.Kernels);
        var options = new Gsm8kOptions { Shots = 1, Chat = chat, MaxTokens = 12, Samples = 4, Temperature = 1 };
        TaskResult result = Gsm8kTask.Open(path, options).Run(generator, SmallModel.Tokenizer), again = Gsm8kTask.Open(path, options).Run(generator, SmallModel.Tokenizer);
        Assert.Equal(result.Metrics, again.Metrics);
        Assert.Equal(["strict-match", "flexible-extract"], result.Metrics.Where(m => m.Name == "exact_match").Select(m => m.Filter));
        Assert.Equal(["pass@1", "pass@2", "pass@4", "pass^2", "pass^4", "maj@4", "best@4"], result.Metrics.Where(m => m.Filter == "strict-match").Skip(1).Select(m => m.Name));
        Assert.Equal(10, result.Samples.Count);
        Assert.Equal(4, result.Samples[0].Responses[0].Count);
        Assert.True(result.Samples[0].Responses[0].Distinct().Count() > 1);
        Assert.Equal(chat ? "gsm8k_chat" : "gsm8k", result.Name);
    }

    private static string[] Problems(string name, int count) => [.. Enumerable.Range(0, count).Select(i => $$"""{"question": "{{name}}{{i}}", "answer": "so\n#### {{i}}"}""")];
}
