using System.Diagnostics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Brings a model that another program made into the workspace: checked in full, then as a version that never changes.</summary>
public sealed class ModelImport
{
    /// <summary>The stage that a lineage has for an import.</summary>
    public const string Stage = "import";

    private readonly Workspace _workspace;
    private readonly ImportOptions _options;
    private readonly Action<string, double> _tell;
    private readonly CancellationToken _cancel;
    private readonly long _started = Stopwatch.GetTimestamp();

    private ModelImport(Workspace workspace, ImportOptions options, Action<string, double>? tell, CancellationToken cancel) =>
        (_workspace, _options, _tell, _cancel) = (workspace, options, tell ?? ((_, _) => { }), cancel);

    /// <summary>Imports a model.</summary>
    /// <param name="workspace">Where to.</param>
    /// <param name="source">A folder in Hugging Face's form, a GGUF or llama2.c file, or <c>hf:OWNER/NAME</c>.</param>
    /// <param name="options">Name and type.</param>
    /// <param name="tell">Told what is done and the share of it; NaN where that is not known.</param>
    /// <param name="cancel">Stops it; a download goes on from there the next time.</param>
    /// <returns>The version, which now serves under its name.</returns>
    /// <exception cref="ReverieException">The source is missing, damaged or of a kind that is not read: nothing is left in the workspace.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public static ModelVersion Run(Workspace workspace, string source, ImportOptions options, Action<string, double>? tell = null, CancellationToken cancel = default) =>
        new ModelImport(workspace, options, tell, cancel).Run(source);

    private ModelVersion Run(string source)
    {
        string name = _options.Name ?? NameOf(source);
        Workspace.Validate(name);
        if (!HubModelName.IsHubName(source)) return Place(name, source, Path.GetFullPath(source), isDownload: false);
        var model = HubModelName.Parse(source);
        using var hub = new HubModels(Path.Combine(_workspace.DataFolder, "hub"), _options.Hub);
        var progress = new Relay(p => _tell($"file {p.File} of {p.Files}, {p.Bytes / 1e6:0} MB", p.TotalBytes is > 0 ? (double)p.Bytes / p.TotalBytes.Value : double.NaN));
        HubModel here = hub.DownloadAsync(model, progress, _cancel).GetAwaiter().GetResult();
        return Place(name, $"{model with { Revision = null }}@{here.Commit}", here.Path, isDownload: true);
    }

    private ModelVersion Place(string name, string origin, string path, bool isDownload)
    {
        if (!Path.Exists(path)) throw new ReverieException($"There is nothing at {path}. Give a model's folder, a .gguf or .bin file, or hf:OWNER/NAME.");
        if (Directory.Exists(path) && File.Exists(Path.Combine(path, AdapterConfig.FileName)) && !File.Exists(Path.Combine(path, ModelFolder.ConfigFileName)))
            throw new ReverieException($"{origin} is an adapter, not a model. Use it with --adapter {path}, or merge it: models merge MODEL {path} --name NAME.");
        _tell("checking the weights", double.NaN);
        if (Directory.Exists(path)) Checkpoint.Verify(path);
        using var checkpoint = Checkpoint.Load(path, verify: false, precision: WeightPrecision.AsStored, vocabulary: _options.Tokenizer);
        WeightLayout.CheckFinite(checkpoint.Transformer);
        _cancel.ThrowIfCancellationRequested();
        (string version, string folder) = _workspace.NextVersion(name);
        var lineage = new Lineage
        {
            Name = name,
            Version = version,
            Parent = checkpoint.Lineage?.Id,
            Stages = [.. checkpoint.Lineage?.Stages ?? [], new StageRecord(Stage, 0, 0, 0, new Dictionary<string, string> { [origin] = Type(checkpoint) }, Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 2))],
        };
        _tell("writing", double.NaN);
        AtomicFolder.Write(folder, temporary =>
        {
            bool moves = isDownload && _options.Quantize is null;
            string At(string file) => Path.Combine(temporary, file);
            if (_options.Quantize is { } type)
            {
                ModelExport.WriteGguf(At(ModelFile.Name), checkpoint, type);
                if (Directory.Exists(path)) ModelFolder.CopyCompanions(path, temporary);
            }
            else if (path.EndsWith(Llama2cFile.Extension, StringComparison.OrdinalIgnoreCase))
            {
                lineage = Checkpoint.Fill(temporary, WeightLayout.Weights(checkpoint.Transformer, WeightType.F32), checkpoint.Transformer.Config, checkpoint.Tokenizer, lineage, WeightType.F32, null);
                return;
            }
            else if (File.Exists(path))
            {
                ModelFolder.Place(path, At(ModelFile.Name), moves);
            }
            else
            {
                IEnumerable<string> weights = File.Exists(Path.Combine(path, ModelFile.Name)) ? [ModelFile.Name] : [ModelFolder.ConfigFileName, .. ModelFolder.WeightFiles(path)];
                foreach (string file in weights.Concat(ModelFolder.Companions).Where(f => File.Exists(Path.Combine(path, f)))) ModelFolder.Place(Path.Combine(path, file), At(file), moves);
            }

            lineage = Checkpoint.SealLineage(temporary, lineage);
        });
        if (isDownload && Directory.Exists(path) && !Directory.EnumerateFileSystemEntries(path).Any()) Directory.Delete(path);
        _workspace.SetCurrent(name, version);
        return new ModelVersion(name, version, folder, IsCurrent: true);
    }

    /// <summary>The name of the source, as far as it can name a folder.</summary>
    private static string NameOf(string source)
    {
        string name = HubModelName.IsHubName(source) ? HubModelName.Parse(source) is { File: { } file } ? Path.GetFileNameWithoutExtension(file) : HubModelName.Parse(source).ShortName
            : ModelFile.IsName(source) ? Path.GetFileNameWithoutExtension(source) : Path.GetFileName(Path.GetFullPath(source).TrimEnd(Path.DirectorySeparatorChar));
        return string.Concat(name.Take(64).Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).Trim('.').ToLowerInvariant();
    }

    private static string Type(Checkpoint checkpoint) => string.Join(", ", checkpoint.WeightTypes().Select(t => t.Type));

    private sealed class Relay(Action<HubProgress> tell) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => tell(value);
    }
}
