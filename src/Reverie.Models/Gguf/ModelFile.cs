using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>A model in a single file, vocabulary and all: GGUF, or llama2.c's with its vocabulary beside it.</summary>
/// <param name="Weights">The open file.</param>
/// <param name="Config">The shape.</param>
/// <param name="Tokenizer">The vocabulary.</param>
internal sealed record ModelFile(IWeightFile Weights, TransformerConfig Config, Tokenizer Tokenizer)
{
    /// <summary>The file in a model's folder, where there are no safetensors.</summary>
    public const string Name = "model.gguf";

    /// <summary>The file that a path means: itself, or that in the folder; null where there is none.</summary>
    public static string? Find(string path)
    {
        if (IsName(path) && File.Exists(path)) return path;
        string inside = Path.Combine(path, Name);
        bool isOther = File.Exists(Path.Combine(path, ShardedSafeTensors.WholeFileName)) || File.Exists(Path.Combine(path, ShardIndex.FileName));
        return !isOther && File.Exists(inside) ? inside : null;
    }

    /// <summary>Whether the file's name says that it is such a model.</summary>
    public static bool IsName(string path) => IsGguf(path) || path.EndsWith(Llama2cFile.Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Opens a file that <see cref="Find"/> gave.</summary>
    /// <param name="path">The file.</param>
    /// <param name="vocabulary">The tokenizer of a llama2.c file; null for the one beside it.</param>
    /// <exception cref="ReverieException">It cannot be used: one line that says why.</exception>
    public static ModelFile Open(string path, string? vocabulary = null)
    {
        if (!IsGguf(path))
        {
            var weights = new Llama2cFile(path);
            return Whole(weights, () => new ModelFile(weights, weights.Config, vocabulary is null ? weights.ReadTokenizer() : Tokenizer.LoadLlama2C(vocabulary)));
        }

        var file = new GgufFile(path);
        return Whole(file, () => new ModelFile(file, file.ReadConfig(), file.ReadTokenizer()));
    }

    /// <summary>Only the shape of the model in a file.</summary>
    /// <exception cref="ReverieException">It cannot be used: one line that says why.</exception>
    public static TransformerConfig ReadConfig(string path)
    {
        if (!IsGguf(path))
        {
            using var weights = new Llama2cFile(path);
            return weights.Config;
        }

        using var file = new GgufFile(path);
        return file.ReadConfig();
    }

    private static bool IsGguf(string path) => path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase);

    private static ModelFile Whole(IWeightFile file, Func<ModelFile> read)
    {
        try
        {
            return read();
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
