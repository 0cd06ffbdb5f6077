using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Evaluation;

/// <summary>
/// The folder of a run, <c>runs/&lt;name&gt;-&lt;n&gt;</c>: what was asked (<c>run.json</c>), how far it came, its metrics, and the state
/// from which it resumes.
/// </summary>
internal sealed class RunFolder
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static readonly JsonSerializerOptions Lines = new(Json) { WriteIndented = false, Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) } };

    private RunFolder(string path, RunRecord record, bool resumed) => (Path, Record, Resumed) = (path, record, resumed);

    public string Path { get; }

    public string Id => System.IO.Path.GetFileName(Path);

    public RunRecord Record { get; private set; }

    /// <summary>Whether an earlier run of the same options was interrupted and goes on here.</summary>
    public bool Resumed { get; }

    public string StatePath => System.IO.Path.Combine(Path, "state.safetensors");

    public string TokenizerPath => System.IO.Path.Combine(Path, "tokenizer.json");

    /// <summary>Tokens of the Primer, for this run alone.</summary>
    public string DataFolder => System.IO.Path.Combine(Path, "data");

    /// <summary>Every exam's outcome, one JSON object a line.</summary>
    public string ExamsPath => System.IO.Path.Combine(Path, "exams.jsonl");

    /// <summary>Episodes of RL with their credit, one JSON object a line.</summary>
    public string RolloutsPath => System.IO.Path.Combine(Path, "rollouts.jsonl");

    public string MetricsPath => System.IO.Path.Combine(Path, "metrics.jsonl");

    /// <summary>Opens the last run of that name if it was interrupted and asked for the same, else a new one.</summary>
    /// <param name="workspace">Where runs are kept.</param>
    /// <param name="name">The run's name, which its number follows.</param>
    /// <param name="asked">The record of a new run.</param>
    public static RunFolder Open(Workspace workspace, string name, RunRecord asked)
    {
        Workspace.Validate(name);
        int last = 0;
        if (Directory.Exists(workspace.RunsFolder))
        {
            foreach (string folder in Directory.GetDirectories(workspace.RunsFolder, name + "-*"))
            {
                string suffix = System.IO.Path.GetFileName(folder)[(name.Length + 1)..];
                if (int.TryParse(suffix, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) last = Math.Max(last, number);
            }
        }

        string lastPath = FolderOf(workspace, name, last);
        if (last > 0 && Read(lastPath) is { Finished: false } record && Asked(record) == Asked(asked)) return new RunFolder(lastPath, record, resumed: true);
        var run = new RunFolder(FolderOf(workspace, name, last + 1), asked, resumed: false);
        run.Save(run.Record);
        return run;
    }

    public void Save(RunRecord record)
    {
        Record = record;
        AtomicFile.WriteText(System.IO.Path.Combine(Path, "run.json"), JsonSerializer.Serialize(record, Json));
    }

    /// <summary>Adds an exam's outcome to <see cref="ExamsPath"/>.</summary>
    public void Append(string stage, Split split, ExamResult result) => File.AppendAllText(ExamsPath, JsonSerializer.Serialize(
        new { stage, exam = result.Name, split, result.Questions, result.Score, result.StandardError, result.WrongAndConfident, result.Transcripts }, Lines) + "\n");

    /// <summary>Writes how sure the model was of its answers and how often it was right: <c>calibration.json</c>, of the last stage that was examined.</summary>
    public void SaveCalibration(ExamRun run)
    {
        Calibration calibration = Calibration.Measure(run.Task().Answers);
        double confident = run.Result().WrongAndConfident;
        AtomicFile.WriteText(System.IO.Path.Combine(Path, "calibration.json"), JsonSerializer.Serialize(
            new CalibrationScore(calibration.ExpectedError, [.. calibration.Bins.Where(b => b.Count > 0).Select(b => new ReliabilityBin(b.Confidence, b.Accuracy, b.Count))], double.IsNaN(confident) ? null : confident), Json));
    }

    /// <summary>Removes what only a run that goes on needs: its state, and the tokens that were made for it.</summary>
    public void RemoveWorkingFiles()
    {
        File.Delete(StatePath);
        if (Directory.Exists(DataFolder)) Directory.Delete(DataFolder, recursive: true);
    }

    private static string FolderOf(Workspace workspace, string name, int number) =>
        System.IO.Path.Combine(workspace.RunsFolder, string.Create(CultureInfo.InvariantCulture, $"{name}-{number}"));

    // The number of threads may differ: it does not change the result.
    private static string Asked(RunRecord record) => JsonSerializer.Serialize(new { Options = record.Options with { Threads = 0 }, Train = record.Train is null ? null : record.Train with { Threads = 0 } }, Json);

    /// <summary>What a run kept; null where the folder holds none.</summary>
    public static RunRecord? Read(string folder)
    {
        string path = System.IO.Path.Combine(folder, "run.json");
        if (!File.Exists(path)) return null;
        try
        {
            return JsonSerializer.Deserialize<RunRecord>(File.ReadAllText(path), Json);
        }
        catch (JsonException e)
        {
            throw new ReverieException($"{path} is damaged ({e.Message.TrimEnd('.')}). Delete the folder {folder} to start the run anew.", e);
        }
    }
}
