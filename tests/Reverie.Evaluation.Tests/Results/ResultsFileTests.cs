using System.Text.Json;

namespace Reverie.Evaluation.Tests.Results;

public class ResultsFileTests(SmallModel model) : IClassFixture<SmallModel>
{
    [Fact]
    public void Results_and_samples_have_the_harness_s_keys()
    {
        using var files = new TemporaryFiles();
        string path = files.Write("piqa.jsonl", """{"goal": "boil \u00e9", "sol1": "heat", "sol2": "cool", "label": 0}""", """{"goal": "freeze", "sol1": "heat", "sol2": "cool", "label": 1}""");
        TaskResult result = QueryTask.Open(path).Run(model.Scorer);
        var run = new EvaluationRun { Model = "small@1", Parameters = 5, ContextLength = 64, Seed = 1234, Limit = 2, Started = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), Elapsed = TimeSpan.FromSeconds(1.5) };
        string written = ResultsFile.Write(Path.Combine(files.Folder, "out"), run, [result]);
        Assert.Equal("results_2026-01-02T03-04-05.000000.json", Path.GetFileName(written));
        JsonElement json = JsonDocument.Parse(File.ReadAllText(written)).RootElement;
        JsonElement task = json.GetProperty("results").GetProperty("piqa");
        Assert.Equal(result.Metrics[0].Value, task.GetProperty("acc,none").GetDouble());
        Assert.Equal(result.Metrics[1].StandardError, task.GetProperty("acc_norm_stderr,none").GetDouble());
        Assert.Equal(0, json.GetProperty("n-shot").GetProperty("piqa").GetInt32());
        Assert.Equal(1.0, json.GetProperty("versions").GetProperty("piqa").GetDouble());
        Assert.True(json.GetProperty("higher_is_better").GetProperty("piqa").GetProperty("acc").GetBoolean());
        Assert.Equal(2, json.GetProperty("n-samples").GetProperty("piqa").GetProperty("effective").GetInt32());
        Assert.Equal("multiple_choice", json.GetProperty("configs").GetProperty("piqa").GetProperty("output_type").GetString());
        Assert.Equal("pretrained=small@1", json.GetProperty("config").GetProperty("model_args").GetString());
        Assert.Equal(64, json.GetProperty("task_hashes").GetProperty("piqa").GetString()!.Length);

        string[] lines = File.ReadAllLines(Path.Combine(files.Folder, "out", "samples_piqa_2026-01-02T03-04-05.000000.jsonl"));
        Assert.Equal(2, lines.Length);
        JsonElement sample = JsonDocument.Parse(lines[0]).RootElement;
        Assert.Equal("boil é", sample.GetProperty("doc").GetProperty("goal").GetString());
        Assert.Equal(" cool", sample.GetProperty("arguments").GetProperty("gen_args_1").GetProperty("arg_1").GetString());
        Assert.Equal(result.Samples[0].Responses[1], sample.GetProperty("resps")[1][0].EnumerateArray().Select(v => v.GetString()!));
        Assert.Equal(result.Samples[0].Responses[1], sample.GetProperty("filtered_resps")[1].EnumerateArray().Select(v => v.GetString()!));
        Assert.Equal(["acc", "acc_norm"], sample.GetProperty("metrics").EnumerateArray().Select(v => v.GetString()!));
        Assert.Equal(result.Samples[0].Scores["acc"], sample.GetProperty("acc").GetDouble());
        Assert.Equal("0", sample.GetProperty("target").GetString());
    }

    [Fact]
    public void Texts_are_written_as_responses_and_what_is_not_known_as_null()
    {
        using var files = new TemporaryFiles();
        var result = new TaskResult
        {
            Name = "a/b",
            Metrics = [new Metric("exact_match", 0.5, double.NaN, Filter: "strict-match")],
            Samples = [new TaskSample { DocumentId = 0, Document = "{}", Target = "7", Arguments = [["Q"]], Responses = [["7", "8"]], Filtered = ["7", "8"], Filter = "strict-match", Scores = new Dictionary<string, double> { ["exact_match"] = double.NaN } }],
            Documents = 1,
            Asked = 1,
        };
        string written = ResultsFile.Write(files.Folder, new EvaluationRun { Model = "m" }, [result]);
        Assert.Equal("N/A", JsonDocument.Parse(File.ReadAllText(written)).RootElement.GetProperty("results").GetProperty("a/b").GetProperty("exact_match_stderr,strict-match").GetString());
        JsonElement sample = JsonDocument.Parse(File.ReadAllText(Directory.GetFiles(files.Folder, "samples_a_b_*.jsonl").Single())).RootElement;
        Assert.Equal("[[\"7\",\"8\"]]", sample.GetProperty("resps").GetRawText());
        Assert.Equal("[\"7\",\"8\"]", sample.GetProperty("filtered_resps").GetRawText());
        Assert.Equal(JsonValueKind.Null, sample.GetProperty("exact_match").ValueKind);
    }
}
