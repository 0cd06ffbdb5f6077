using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Everything a stopped run needs to go on as if nothing had happened: parameters, the optimizer's moments and the progress,
/// in one file that is written atomically.
/// </summary>
public static class RunState
{
    private const string ProgressKey = "progress";
    private const string ParametersKey = "parameters", TrainedKey = "trained";

    /// <summary>Writes the state.</summary>
    /// <param name="path">The file.</param>
    /// <param name="model">The parameters.</param>
    /// <param name="optimizer">The moments.</param>
    /// <param name="progress">Where the stage stands.</param>
    /// <param name="others">What the stage learns beside the model, see <see cref="TrainingStage.Buffers"/>.</param>
    /// <exception cref="ReverieException">The file cannot be written; the state before is untouched.</exception>
    public static void Save(string path, Transformer model, IOptimizer optimizer, StageProgress progress, IReadOnlyList<(string Name, Tensor Buffer)>? others = null) =>
        AtomicFile.Write(path, stream => SafeTensorsWriter.Write(stream, [.. Buffers(model, optimizer), .. (others ?? []).Select(o => (o.Name, o.Buffer, false))], new Dictionary<string, string> { [ProgressKey] = JsonSerializer.Serialize(progress) }));

    /// <summary>Reads the state into a model and an optimizer of the same shapes.</summary>
    /// <exception cref="ReverieException">The file is damaged or belongs to another model.</exception>
    public static StageProgress Load(string path, Transformer model, IOptimizer optimizer)
    {
        using var reader = new SafeTensorsReader(path);
        try
        {
            StageProgress progress = JsonSerializer.Deserialize<StageProgress>(reader.Metadata[ProgressKey]) ?? throw new JsonException("it is empty");
            foreach ((string name, Tensor values, _) in Buffers(model, optimizer)) Read(reader, name, values);
            optimizer.Steps = progress.OptimizerSteps;
            return progress;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            throw Broken(path, e);
        }
    }

    /// <summary>Reads what a stage learns beside the model.</summary>
    /// <exception cref="ReverieException">The file is damaged or belongs to another run.</exception>
    public static void Restore(string path, IReadOnlyList<(string Name, Tensor Buffer)> others)
    {
        if (others.Count == 0) return;
        using var reader = new SafeTensorsReader(path);
        try
        {
            foreach ((string name, Tensor buffer) in others) Read(reader, name, buffer);
        }
        catch (KeyNotFoundException e)
        {
            throw Broken(path, e);
        }
    }

    private static void Read(SafeTensorsReader reader, string name, Tensor values)
    {
        if (reader.Find(name) is not { } entry || entry.Count != values.Length) throw new KeyNotFoundException($"{name} is missing or of another size");
        reader.Read(entry, values);
    }

    private static ReverieException Broken(string path, Exception e) =>
        new($"{path} does not hold the state of this run ({e.Message.TrimEnd('.')}). Delete the run's folder to start it anew.", e);

    /// <summary>The model, what is trained where that is something else (an adapter), and the moments.</summary>
    private static (string, Tensor, bool)[] Buffers(Transformer model, IOptimizer optimizer)
    {
        (string, Tensor, bool)[] trained = ReferenceEquals(optimizer.Parameters, model.Parameters) ? [] : [(TrainedKey, optimizer.Parameters.Values, false)];
        return [(ParametersKey, model.Parameters.Values, false), .. trained, .. optimizer.State.Select(s => (s.Name, s.Buffer, false))];
    }
}
