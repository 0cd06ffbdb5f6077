using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>
/// Writes results the way lm-evaluation-harness does, so that its readers read ours: <c>results_TIME.json</c> and, for each task,
/// <c>samples_TASK_TIME.jsonl</c>. Each file is written whole or not at all.
/// </summary>
public static class ResultsFile
{
    private static readonly JsonWriterOptions Pretty = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions Line = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the files.</summary>
    /// <param name="folder">Where; made when it is not there.</param>
    /// <param name="run">What was run.</param>
    /// <param name="results">The tasks.</param>
    /// <returns>Path of the results file.</returns>
    /// <exception cref="ReverieException">A file cannot be written.</exception>
    public static string Write(string folder, EvaluationRun run, IReadOnlyList<TaskResult> results)
    {
        string time = run.Started.ToString("yyyy-MM-ddTHH-mm-ss.ffffff", CultureInfo.InvariantCulture);
        foreach (TaskResult result in results.Where(r => r.Samples.Count > 0))
            AtomicFile.Write(Path.Combine(folder, $"samples_{Safe(result.Name)}_{time}.jsonl"), stream => WriteSamples(stream, result));
        string path = Path.Combine(folder, $"results_{time}.json");
        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, Pretty);
            WriteResults(json, run, results);
        });
        return path;
    }

    private static void WriteResults(Utf8JsonWriter json, EvaluationRun run, IReadOnlyList<TaskResult> results)
    {
        json.WriteStartObject();
        ForEach(json, "results", results, result =>
        {
            json.WriteStartObject(result.Name);
            json.WriteString("alias", result.Name);
            foreach (Metric metric in result.Metrics)
            {
                Number(json, $"{metric.Name},{metric.Filter}", metric.Value);
                if (double.IsFinite(metric.StandardError)) json.WriteNumber($"{metric.Name}_stderr,{metric.Filter}", metric.StandardError);
                else json.WriteString($"{metric.Name}_stderr,{metric.Filter}", "N/A");
            }

            json.WriteEndObject();
        });
        ForEach(json, "group_subtasks", results, result =>
        {
            json.WriteStartArray(result.Name);
            json.WriteEndArray();
        });
        ForEach(json, "configs", results, result => WriteConfig(json, result));
        ForEach(json, "versions", results, result => json.WritePropertyThenRaw(result.Name, result.Version));
        ForEach(json, "n-shot", results, result => json.WriteNumber(result.Name, result.Shots));
        ForEach(json, "higher_is_better", results, result =>
        {
            json.WriteStartObject(result.Name);
            foreach (Metric metric in result.Metrics.DistinctBy(m => m.Name)) json.WriteBoolean(metric.Name, metric.HigherIsBetter);
            json.WriteEndObject();
        });
        ForEach(json, "n-samples", results, result =>
        {
            json.WriteStartObject(result.Name);
            json.WriteNumber("original", result.Documents);
            json.WriteNumber("effective", result.Asked);
            json.WriteEndObject();
        });
        json.WriteStartObject("config");
        json.WriteString("model", "reverie");
        json.WriteString("model_args", $"pretrained={run.Model}");
        json.WriteNumber("model_num_parameters", run.Parameters);
        json.WriteString("model_sha", run.ModelId);
        json.WriteString("batch_size", "auto");
        json.WriteString("device", "cpu");
        if (run.Limit is { } limit) json.WriteNumber("limit", limit);
        else json.WriteNull("limit");
        foreach (string seed in new[] { "random_seed", "numpy_seed", "torch_seed", "fewshot_seed" }) json.WriteNumber(seed, run.Seed);
        json.WriteEndObject();
        json.WriteNull("git_hash");
        json.WriteNumber("date", (run.Started - DateTime.UnixEpoch).TotalSeconds);
        json.WriteNumber("max_length", run.ContextLength);
        ForEach(json, "task_hashes", results, result => json.WriteString(result.Name, Hash(string.Concat(result.Samples.Select(s => Hash(s.Document) + Hash(Prompt(s)) + Hash(s.Target))))));
        json.WriteString("model_source", "reverie");
        json.WriteString("model_name", run.Model);
        json.WriteString("model_name_sanitized", Safe(run.Model));
        json.WriteString("total_evaluation_time_seconds", run.Elapsed.TotalSeconds.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, TaskResult result)
    {
        json.WriteStartObject(result.Name);
        json.WriteString("task", result.Name);
        json.WriteNumber("num_fewshot", result.Shots);
        foreach ((string name, string value) in result.Settings) json.WriteString(name, value);
        json.WriteNumber("truncated", result.Truncated);
        json.WriteStartObject("metadata");
        json.WritePropertyThenRaw("version", result.Version);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteSamples(Stream stream, TaskResult result)
    {
        foreach (TaskSample sample in result.Samples)
        {
            using (var json = new Utf8JsonWriter(stream, Line)) WriteSample(json, sample);
            stream.WriteByte((byte)'\n');
        }
    }

    private static void WriteSample(Utf8JsonWriter json, TaskSample sample)
    {
        json.WriteStartObject();
        json.WriteNumber("doc_id", sample.DocumentId);
        json.WritePropertyThenRaw("doc", sample.Document);
        json.WriteString("target", sample.Target);
        json.WriteStartObject("arguments");
        for (int i = 0; i < sample.Arguments.Count; i++)
        {
            json.WriteStartObject($"gen_args_{i}");
            for (int j = 0; j < sample.Arguments[i].Count; j++) json.WriteString($"arg_{j}", sample.Arguments[i][j]);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("resps");
        foreach (IReadOnlyList<string> responses in sample.Responses)
        {
            // A likelihood is one response of two values, texts are responses of one value each.
            json.WriteStartArray();
            if (sample.Filtered is null) Strings(json, responses);
            else foreach (string response in responses) json.WriteStringValue(response);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("filtered_resps");
        if (sample.Filtered is null) foreach (IReadOnlyList<string> responses in sample.Responses) Strings(json, responses);
        else foreach (string response in sample.Filtered) json.WriteStringValue(response);
        json.WriteEndArray();
        json.WriteString("filter", sample.Filter);
        json.WritePropertyName("metrics");
        Strings(json, [.. sample.Scores.Keys]);
        json.WriteString("doc_hash", Hash(sample.Document));
        json.WriteString("prompt_hash", Hash(Prompt(sample)));
        json.WriteString("target_hash", Hash(sample.Target));
        foreach ((string name, double value) in sample.Scores) Number(json, name, value);
        json.WriteEndObject();
    }

    private static void ForEach(Utf8JsonWriter json, string name, IReadOnlyList<TaskResult> results, Action<TaskResult> write)
    {
        json.WriteStartObject(name);
        foreach (TaskResult result in results) write(result);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, IReadOnlyList<string> values)
    {
        json.WriteStartArray();
        foreach (string value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    private static void WritePropertyThenRaw(this Utf8JsonWriter json, string name, string raw)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(raw);
    }

    private static string Prompt(TaskSample sample) => sample.Arguments.Count > 0 ? sample.Arguments[0][0] : "";

    private static string Safe(string name) => string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' ? c : '_'));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
