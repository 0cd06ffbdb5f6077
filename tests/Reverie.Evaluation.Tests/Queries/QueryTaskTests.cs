using Reverie.Tensors;

namespace Reverie.Evaluation.Tests.Queries;

public class QueryTaskTests(SmallModel model) : IClassFixture<SmallModel>
{
    private const string HellaSwag = """
        {"ctx_a": " A man [header] sits. [title] How to", "ctx_b": "he Stands", "endings": ["up [substeps] and goes", "down  again"], "activity_label": "Standing", "label": "1"}
        """;

    [Fact]
    public void HellaSwag_is_cleaned_in_the_harness_s_order()
    {
        QueryItem item = Open(HellaSwag).Items[0];
        Assert.Equal("Standing: A man sits.. How to He stands", item.Context(0));
        Assert.Equal(["up and goes", "down again"], item.Continuations);
        Assert.Equal(1, item.Gold);
    }

    [Theory]
    [InlineData("""{"goal": "boil", "sol1": "heat", "sol2": "cool", "label": 0}""", "piqa", "Question: boil\nAnswer:", "heat", 0)]
    [InlineData("""{"question": "Why?", "choices": {"text": ["a", "b"], "label": ["1", "2"]}, "answerKey": "2"}""", "arc", "Question: Why?\nAnswer:", "a", 1)]
    [InlineData("""{"question": {"stem": "Why?", "choices": [{"text": "a", "label": "A"}, {"text": "b", "label": "B"}]}, "answerKey": "B"}""", "arc", "Question: Why?\nAnswer:", "a", 1)]
    [InlineData("""{"question": " Why? ", "choices": ["x", "y"], "answer": 1, "subject": "moral_disputes"}""", "mmlu", "Why?\nA. x\nB. y\nAnswer:", "A", 1)]
    [InlineData("""{"question": "Why?", "choices": ["x", "y"], "answer": "B"}""", "mmlu", "Why?\nA. x\nB. y\nAnswer:", "A", 1)]
    [InlineData("""{"query": "Q", "choices": ["x", "y"], "gold": 0}""", "multiple_choice", "Q", "x", 0)]
    [InlineData("""{"context_options": ["The dog", "The cat"], "continuation": "barks", "gold": 0}""", "schema", "The dog", "barks", 0)]
    [InlineData("""{"context": "Two and two are ", "continuation": "four"}""", "language_modeling", "Two and two are", "four", 0)]
    public void A_format_is_told_from_its_fields(string line, string format, string context, string continuation, int gold)
    {
        QueryTask task = Open(line);
        Assert.Equal(format, task.Format.Name);
        Assert.Equal((context, continuation, gold), (task.Items[0].Context(0), task.Items[0].Continuation(0), task.Items[0].Gold));
    }

    [Fact]
    public void Lambada_asks_for_the_last_word()
    {
        QueryTask task = Open("""{"text": "the quick brown fox"}""", new QueryTaskOptions { Format = "lambada" });
        QueryPrompt prompt = task.Prompts()[0];
        Assert.Equal(("the quick brown", " fox"), (prompt.Context(0), prompt.Continuation(0)));
    }

    [Fact]
    public void Mmlu_shows_the_subject_and_the_first_examples_of_the_same_one()
    {
        string lines = """
            {"question": "Q0", "choices": ["x", "y"], "answer": 1, "subject": "high_school_law"}
            {"question": "Q1", "choices": ["x", "y"], "answer": 0, "subject": "anatomy"}
            {"question": "Q2", "choices": ["x", "y"], "answer": 0, "subject": "high_school_law"}
            """;
        Assert.Equal(
            "The following are multiple choice questions (with answers) about high school law.\n\nQ2\nA. x\nB. y\nAnswer: A\n\nQ0\nA. x\nB. y\nAnswer:",
            Open(lines, new QueryTaskOptions { Shots = 1 }).Prompts()[0].Context(0));
    }

    [Fact]
    public void Core_shuffles_and_draws_examples_as_nanochat_does()
    {
        // random.Random(1337).shuffle over 10 gives 0 3 7 2 1 6 4 5 8 9; Random(1234 + 1).sample over all but the second gives 6 and 5 of those.
        QueryTask task = Open(Core(10), new QueryTaskOptions { Shots = 2 });
        Assert.Equal(["q0", "q3", "q7", "q2", "q1", "q6", "q4", "q5", "q8", "q9"], task.Items.Select(i => i.Context(0)));
        int[] others = [0, 2, 3, 4, 5, 6, 7, 8, 9];
        int[] drawn = new MersenneTwister(1235).Sample(others, 2);
        Assert.Equal($"{task.Items[drawn[0]].Context(0)} a\n\n{task.Items[drawn[1]].Context(0)} a\n\nq3", task.Prompts()[1].Context(0));
        Assert.Equal(["q0", "q3", "q7"], Open(Core(10), new QueryTaskOptions { Limit = 3 }).Items.Select(i => i.Context(0)));
    }

    [Fact]
    public void The_harness_draws_all_examples_from_one_stream_and_leaves_the_question_out()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 30).Select(i => $$"""{"goal": "g{{i}}", "sol1": "x", "sol2": "y", "label": 0}"""));
        IReadOnlyList<QueryPrompt> prompts = Open(lines, new QueryTaskOptions { Shots = 2 }).Prompts();
        var stream = new MersenneTwister(1234);
        for (int i = 0; i < 30; i++)
        {
            int[] drawn = [.. stream.Sample([.. Enumerable.Range(0, 30)], 3).Where(d => d != i).Take(2)];
            Assert.Equal(string.Concat(drawn.Select(d => $"Question: g{d}\nAnswer: x\n\n")), prompts[i].Prefix);
        }
    }

    [Fact]
    public void The_score_of_a_task_follows_from_the_likelihoods_of_its_options()
    {
        string[] choices = ["the lazy dog jumps over", "12", "quick fox", "and"];
        string lines = string.Join('\n', Enumerable.Range(0, 12).Select(i => $$"""{"goal": "what {{i}}", "sol1": "{{choices[i % 4]}}", "sol2": "{{choices[(i + 1) % 4]}}", "label": 0}"""));
        QueryTask task = Open(lines);
        TaskResult result = task.Run(model.Scorer);
        double right = 0, rightByCharacter = 0;
        foreach (QueryItem item in task.Items)
        {
            double[] scores = [.. item.Continuations.Select(c => model.Scorer.Score([new LogLikelihoodRequest(item.Context(0), " " + c)])[0].LogProbability)];
            right += scores[0] >= scores[1] ? 1 : 0;
            rightByCharacter += scores[0] / item.Continuations[0].Length >= scores[1] / item.Continuations[1].Length ? 1 : 0;
        }

        Assert.Equal(["acc", "acc_norm"], result.Metrics.Select(m => m.Name));
        Assert.Equal([right / 12, rightByCharacter / 12], result.Metrics.Select(m => m.Value));
        Assert.Equal(12, result.Answers.Count);
        Assert.All(result.Answers, a => Assert.InRange(a.Confidence, 0.5, 1));
        Assert.Equal(["Question: what 0\nAnswer:", " the lazy dog jumps over"], result.Samples[0].Arguments[0]);
    }

    [Fact]
    public void Core_takes_the_lowest_mean_loss_of_the_tokens_that_differ_and_centres()
    {
        string lines = string.Join('\n', Enumerable.Range(0, 9).Select(i => $$"""{"query": "what {{i}}", "choices": ["the lazy dog", "the 12"], "gold": {{i % 2}}}"""));
        TaskResult result = Open(lines).Run(model.Scorer);
        double right = 0;
        foreach (QueryItem item in Open(lines).Items)
        {
            double[] losses = [.. item.Continuations.Select(c => Loss(item.Context(0) + " the", $"{item.Context(0)} {c}"))];
            right += (losses[0] <= losses[1] ? 0 : 1) == item.Gold ? 1 : 0;
        }

        Assert.Equal(right / 9, result.Metrics[0].Value);
        Assert.Equal((right / 9 - 0.5) / 0.5, result.Metrics[1].Value, 12);

        double Loss(string shared, string whole)
        {
            int start = SmallModel.Tokenizer.Encode(shared).Length;
            return -model.LogProbabilities(SmallModel.Tokenizer.Encode(whole))[(start - 1)..].Average(p => (double)p);
        }
    }

    [Fact]
    public void A_schema_scores_the_shared_end_after_each_beginning()
    {
        const string Line = """{"context_options": ["The quick fox", "The lazy dog"], "continuation": "jumps over it", "gold": 1}""";
        TaskResult result = Open(Line).Run(model.Scorer);
        double[] losses = [.. new[] { "The quick fox", "The lazy dog" }.Select(c => -model.Scorer.Score([new LogLikelihoodRequest(c, " jumps over it")])[0].LogProbability)];
        Assert.Equal(losses[1] < losses[0] ? 1 : 0, result.Metrics[0].Value);
        Assert.Equal(losses.Select(l => PythonText.Number(-l)), result.Samples[0].Responses.Select(r => r[0]));
    }

    [Fact]
    public void Text_gives_bits_per_byte()
    {
        TaskResult result = Open("""{"text": "the quick brown fox"}""").Run(model.Scorer);
        Assert.Equal("bits_per_byte", result.Metrics[0].Name);
        Assert.Equal(LogLikelihood.BitsPerByte(model.Scorer.ScoreTexts(["the quick brown fox"])), result.Metrics[0].Value);
    }

    [Theory]
    [InlineData("not json", "valid JSON")]
    [InlineData("[1]", "JSON object")]
    [InlineData("{\"a\": 1}", "--format")]
    [InlineData("{\"query\": \"Q\", \"choices\": [\"x\"], \"gold\": 3}", "right option")]
    [InlineData("{\"query\": \"Q\", \"choices\": \"x\", \"gold\": 0}", "list of strings")]
    [InlineData("", "no lines")]
    public void A_bad_file_is_one_clear_line(string content, string message)
    {
        ReverieException error = Assert.Throws<ReverieException>(() => Open(content));
        Assert.Contains(message, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Too_few_examples_are_refused() => Assert.Throws<ReverieException>(() => Open(Core(3), new QueryTaskOptions { Shots = 3 }));

    [Theory]
    [InlineData(-34.0, "-34.0")]
    [InlineData(-0.125, "-0.125")]
    [InlineData(1.5e-7, "1.5e-07")]
    public void Numbers_are_written_as_Python_writes_them(double value, string text) => Assert.Equal(text, PythonText.Number(value));

    [Fact]
    public void Characters_are_code_points() => Assert.Equal(2, PythonText.Length("a𝟏"));

    private static string Core(int count) => string.Join('\n', Enumerable.Range(0, count).Select(i => $$"""{"query": "q{{i}}", "choices": ["a", "b"], "gold": 0}"""));

    private static QueryTask Open(string lines, QueryTaskOptions? options = null)
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".jsonl");
        try
        {
            File.WriteAllText(path, lines);
            return QueryTask.Open(path, options);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
