using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Writes models and adapters for other programs. Nothing that is there already is written over.</summary>
public static class ModelExport
{
    private const string Modelfile = "Modelfile";

    /// <summary>Writes a folder for transformers and vLLM; the tokenizer, template and settings go along as they are.</summary>
    /// <param name="folder">Must not be there yet.</param>
    /// <param name="model">The model, best with its weights as stored.</param>
    /// <param name="type">F32, F16 or BF16; null for the type that most of its weights have, and F16 for quantised ones.</param>
    /// <exception cref="ReverieException">The folder exists, the disk is full, or a weight does not fit the type: nothing is left on disk.</exception>
    public static void ToFolder(string folder, Checkpoint model, WeightType? type = null)
    {
        WeightType target = type ?? (model.WeightTypes()[0].Type is (WeightType.F32 or WeightType.F16 or WeightType.BF16) and var own ? own : WeightType.F16);
        if (target is not (WeightType.F32 or WeightType.F16 or WeightType.BF16)) throw new ReverieException($"A folder of safetensors holds f32, f16 or bf16, not {Name(target)}. Choose one of them, or export to a .gguf file.");
        Checkpoint.Save(folder, model.Transformer, model.Tokenizer, model.Lineage ?? new Lineage { Name = model.Name, Version = "1" }, target, madeFrom: model.Folder);
    }

    /// <summary>Writes a GGUF file for llama.cpp, and beside it the <c>Modelfile</c> with which Ollama takes it.</summary>
    /// <param name="path">Must not be there yet.</param>
    /// <param name="model">The model, best with its weights as stored.</param>
    /// <param name="type">The type of its matrices; null to keep each as it is.</param>
    /// <returns>Where the Modelfile is.</returns>
    /// <exception cref="ReverieException">The file exists, the disk is full, or a weight does not fit the type: nothing is left on disk.</exception>
    public static string ToGguf(string path, Checkpoint model, WeightType? type = null)
    {
        RefuseTaken(path);
        WriteGguf(path, model, type);
        string full = Path.GetFullPath(path), beside = Path.Combine(Path.GetDirectoryName(full)!, Modelfile);
        if (Path.Exists(beside)) beside = full + "." + Modelfile;
        AtomicFile.WriteText(beside, OllamaModelfile.Text(Path.GetFileName(full), model.Transformer.Config, model.Tokenizer));
        return beside;
    }

    /// <summary>Writes an adapter as a folder in PEFT's layout.</summary>
    /// <param name="folder">Must not be there yet.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="model">The model that it is for.</param>
    /// <exception cref="ReverieException">The folder exists or the disk is full.</exception>
    public static void AdapterToFolder(string folder, Adapter adapter, Checkpoint model) =>
        adapter.Save(folder, new Lineage { Name = model.Name, Version = Path.GetFileName(folder.TrimEnd(Path.DirectorySeparatorChar)), Parent = model.Lineage?.Id }, HubName(model));

    /// <summary>Writes an adapter as a GGUF file, for llama.cpp's <c>--lora</c> and Ollama's <c>ADAPTER</c>.</summary>
    /// <param name="path">Must not be there yet.</param>
    /// <param name="adapter">The adapter.</param>
    /// <exception cref="ReverieException">The file exists or the disk is full.</exception>
    public static void AdapterToGguf(string path, Adapter adapter)
    {
        RefuseTaken(path);
        using var arena = new Arena();
        GgufAddition[] additions = [.. AdapterLayout.Matrices(adapter, arena).Select(m => new GgufAddition(m.Module + ".weight", m.Down, m.Up, m.Part.Scale(adapter.IsRankStabilized)))];
        GgufWriter.WriteAdapter(path, adapter.Config, additions, adapter.Alpha, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>A type as the command line has it.</summary>
    public static string Name(WeightType type) => type.ToString().ToLowerInvariant();

    /// <summary>Writes a GGUF file alone.</summary>
    internal static void WriteGguf(string path, Checkpoint model, WeightType? type) =>
        GgufWriter.Write(path, model.Transformer, model.Tokenizer, type, model.Name, model.Tokenizer.ChatTemplate.Source);

    private static void RefuseTaken(string path)
    {
        if (Path.Exists(path)) throw new ReverieException($"{path} is there already. Choose another name.");
    }

    /// <summary>The name on the hub of what a model was imported from.</summary>
    private static string? HubName(Checkpoint model) => model.Lineage?.Stages.Where(s => s.Stage == ModelImport.Stage).SelectMany(s => s.Data.Keys).Where(HubModelName.IsHubName).Select(k => HubModelName.Parse(k).Name).LastOrDefault();
}
