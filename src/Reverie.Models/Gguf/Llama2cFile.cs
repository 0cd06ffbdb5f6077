using System.Buffers.Binary;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A model of llama2.c in its first format (https://github.com/karpathy/llama2.c, <c>export.py</c> version 0), mapped: seven numbers, then
/// all weights as float32 with one kind of all layers after another, rotary rows interleaved.
/// </summary>
public sealed class Llama2cFile : IWeightFile
{
    /// <summary>How the names of such files end.</summary>
    public const string Extension = ".bin";

    private const int HeaderBytes = 7 * sizeof(int);

    private readonly string _path;
    private readonly MappedFile _map;
    private readonly Dictionary<string, (long Offset, int Rows, int Columns, bool IsRotary)> _byName = [];

    /// <summary>Opens a file: its size must be what its header makes it; no weight is read.</summary>
    /// <exception cref="ReverieException">It cannot be read or is no such file.</exception>
    public Llama2cFile(string path)
    {
        _path = path;
        _map = new MappedFile(path);
        try
        {
            Config = ReadConfig();
            long end = Place();
            if (end != _map.Length) throw Broken($"its seven numbers make it {end} bytes, and it has {_map.Length}: it is cut short or no llama2.c model");
        }
        catch
        {
            _map.Dispose();
            throw;
        }
    }

    /// <summary>The shape of the model.</summary>
    public TransformerConfig Config { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _byName.Keys;

    /// <inheritdoc/>
    public StoredRows? Rows(string name) => _byName.TryGetValue(name, out (long Offset, int Rows, int Columns, bool IsRotary) its)
        ? new StoredRows(_map, name, WeightType.F32, its.Offset, its.Rows, its.Columns, its.IsRotary ? Config.HeadDimension : 0)
        : null;

    /// <summary>The model's tokenizer, which lies beside it: <c>tokenizer.bin</c>, or <c>tokN.bin</c> for a vocabulary of N.</summary>
    /// <exception cref="ReverieException">It is not there, or damaged.</exception>
    public Tokenizer ReadTokenizer()
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(_path))!;
        string[] names = ["tokenizer.bin", $"tok{Config.VocabularySize}.bin"];
        string name = names.FirstOrDefault(n => File.Exists(Path.Combine(folder, n)))
            ?? throw new ReverieException($"{_path} has no tokenizer beside it: neither {names[0]} nor {names[1]} is there. Put the model's tokenizer into its folder.");
        return Tokenizer.LoadLlama2C(Path.Combine(folder, name));
    }

    /// <summary>Closes the file, which ends the weights that stay in it.</summary>
    public void Dispose() => _map.Dispose();

    /// <inheritdoc/>
    public ReverieException Broken(string fault, Exception? cause = null) => GgufFile.Fault(_path, fault, cause);

    private TransformerConfig ReadConfig()
    {
        if (_map.Length < HeaderBytes) throw Broken($"it has {_map.Length} bytes, which is too short for a llama2.c model");
        int At(int index) => BinaryPrimitives.ReadInt32LittleEndian(_map.Span(index * sizeof(int), sizeof(int)));
        int width = At(0), heads = At(3), vocabulary = At(5);
        if (width < 1 || heads < 1 || width % heads != 0 || vocabulary == int.MinValue) throw Broken($"it begins with a width of {width}, {heads} heads and {vocabulary} tokens: it is no llama2.c model");
        try
        {
            return new TransformerConfig
            {
                VocabularySize = Math.Abs(vocabulary),
                Width = width,
                Layers = At(2),
                Heads = heads,
                KeyValueHeads = At(4),
                HeadDimension = width / heads,
                FeedForward = At(1),
                ContextLength = At(6),
                NormEpsilon = 1e-5f,
                TiedEmbeddings = vocabulary > 0,
                QueryKeyNorm = false,
            }.Validate();
        }
        catch (ReverieException e)
        {
            throw Broken(e.Message.Replace(" Check config.json.", "", StringComparison.Ordinal), e);
        }
    }

    /// <summary>Finds the place of every tensor; gives the end of the last.</summary>
    private long Place()
    {
        TransformerConfig config = Config;
        int queries = config.Heads * config.HeadDimension, keys = config.KeyValueHeads * config.HeadDimension, width = config.Width, inner = config.FeedForward;
        Int128 end = HeaderBytes;
        Whole("model.embed_tokens.weight", config.VocabularySize, width);
        Layers("input_layernorm", 1, width);
        Layers("self_attn.q_proj", queries, width, true);
        Layers("self_attn.k_proj", keys, width, true);
        Layers("self_attn.v_proj", keys, width);
        Layers("self_attn.o_proj", width, queries);
        Layers("post_attention_layernorm", 1, width);
        Layers("mlp.gate_proj", inner, width);
        Layers("mlp.down_proj", width, inner);
        Layers("mlp.up_proj", inner, width);
        Whole("model.norm.weight", 1, width);

        // Two tables of cosines and sines, which follow from the shape.
        end += (Int128)config.ContextLength * config.HeadDimension * sizeof(float);
        if (!config.TiedEmbeddings) Whole("lm_head.weight", config.VocabularySize, width);
        return (long)Int128.Min(end, long.MaxValue);

        void Layers(string name, int rows, int columns, bool isRotary = false)
        {
            if (end + ((Int128)config.Layers * rows * columns * sizeof(float)) > _map.Length)
                throw Broken($"{config.Layers} layers of width {width} do not fit into its {_map.Length} bytes: it is cut short or no llama2.c model");
            for (int layer = 0; layer < config.Layers; layer++) Whole($"model.layers.{layer}.{name}.weight", rows, columns, isRotary);
        }

        void Whole(string name, int rows, int columns, bool isRotary = false)
        {
            // Beyond the file nothing is kept, and the size is refused in the end.
            if (end <= _map.Length) _byName.Add(name, ((long)end, rows, columns, isRotary));
            end += (Int128)rows * columns * sizeof(float);
        }
    }
}
