using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A GGUF file of version 2 or 3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), mapped: its keys, its tensors and, for a
/// model of arch <c>qwen3</c>, <c>qwen2</c> or <c>llama</c>, config and weights under Hugging Face's names.
/// </summary>
public sealed class GgufFile : IWeightFile
{
    /// <summary>How the names of such files end.</summary>
    public const string Extension = ".gguf";

    private readonly string _path;
    private readonly MappedFile _map;
    private readonly Dictionary<string, GgufTensor> _byName = [];

    /// <summary>Opens a file: its header is checked in full, no weight is read.</summary>
    /// <exception cref="ReverieException">It cannot be read, its header contradicts itself or the file, or a tensor is of a type that is not read here.</exception>
    public GgufFile(string path)
    {
        _path = path;
        _map = new MappedFile(path);
        try
        {
            var tensors = new List<GgufTensor>();
            Metadata = new GgufMetadata(path, new GgufHeader(_map).Read(tensors));
            Tensors = tensors;
            foreach (GgufTensor tensor in tensors)
            {
                if (tensor.Name == GgufNames.RotaryFactors) continue;
                if (!_byName.TryAdd(GgufNames.ToHub(tensor.Name), tensor)) throw new FormatException($"tensor {SafeTensorsHeader.Printable(tensor.Name)} is there twice");
            }
        }
        catch (Exception e)
        {
            _map.Dispose();
            if (e is FormatException) throw Broken(e.Message, e);
            throw;
        }
    }

    /// <summary>The keys.</summary>
    public GgufMetadata Metadata { get; }

    /// <summary>The tensors as the file has and names them.</summary>
    public IReadOnlyList<GgufTensor> Tensors { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <summary>What the file calls its architecture: <c>qwen3</c>, <c>qwen2</c>, <c>llama</c> or one that is not read here.</summary>
    /// <exception cref="ReverieException">It does not say.</exception>
    public string Architecture => Metadata.Text("general.architecture");

    /// <summary>The Jinja chat template that the model was trained with; null for none.</summary>
    /// <exception cref="ReverieException">The key is no text.</exception>
    public string? ChatTemplate => Metadata["tokenizer.chat_template"] is null ? null : Metadata.Text("tokenizer.chat_template");

    /// <inheritdoc/>
    public StoredRows? Rows(string name)
    {
        if (!_byName.TryGetValue(name, out GgufTensor? tensor)) return null;
        if (tensor.Rank > 2) throw Broken($"tensor {SafeTensorsHeader.Printable(tensor.Name)} has {tensor.Rank} dimensions, which is no weight's");
        bool rotary = name.EndsWith("self_attn.q_proj.weight", StringComparison.Ordinal) || name.EndsWith("self_attn.k_proj.weight", StringComparison.Ordinal);
        int head = 0;
        if (rotary && Architecture == GgufConfig.Llama)
        {
            head = GgufConfig.HeadDimension(this);
            if (head % 2 != 0 || tensor.Rows % head != 0) throw Broken($"the {tensor.Rows} rows of tensor {SafeTensorsHeader.Printable(tensor.Name)} are not heads of {head}");
        }

        return Stored(tensor, head);
    }

    /// <summary>The shape of the model.</summary>
    /// <exception cref="ReverieException">It is of another arch, or a key is missing or impossible: one line that names it.</exception>
    public TransformerConfig ReadConfig() => GgufConfig.Read(this);

    /// <summary>The model's tokenizer.</summary>
    /// <exception cref="ReverieException">It has none, or one that is not read here.</exception>
    public Tokenizer ReadTokenizer() => GgufTokenizer.Read(this, _path);

    /// <summary>Closes the file, which ends the weights that stay in it.</summary>
    public void Dispose() => _map.Dispose();

    /// <inheritdoc/>
    public ReverieException Broken(string fault, Exception? cause = null) => Fault(_path, fault, cause);

    /// <summary>The rows of a tensor, as the file has them but for the order of rotary ones.</summary>
    internal StoredRows Stored(GgufTensor tensor, int interleavedHead = 0) => new(_map, tensor.Name, tensor.Type, tensor.Offset, tensor.Rows, tensor.Columns, interleavedHead);

    internal static ReverieException Fault(string path, string fault, Exception? cause = null)
    {
        string message = $"{path} cannot be used: {fault.TrimEnd('.')}. Fetch or save the model again.";
        return cause is null ? new ReverieException(message) : new ReverieException(message, cause);
    }
}
