using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A dense Qwen3 decoder: x += attention(norm(x)); x += mlp(norm(x)), a final norm, a head. One forward pass serves
/// training, evaluation and decoding, so that all three are the same arithmetic.
/// </summary>
public sealed class Transformer : IDisposable
{
    private readonly Block[] _blocks;
    private const int MatricesOfBlock = 4;

    private Adapter? _adapter;

    /// <summary>Allocates a model with all parameters zero; see <see cref="Initialize"/> and <c>Checkpoint</c>.</summary>
    /// <param name="config">The shape.</param>
    /// <param name="stored">Gives the weight of a parameter that stays in its file, or null for one with floats here.</param>
    /// <exception cref="ReverieException">The shape cannot be.</exception>
    public Transformer(TransformerConfig config, Func<string, StoredMatrix?>? stored = null)
    {
        Config = config.Validate();
        AttentionShape attention = config.Attention;
        var shapes = new List<(string, ParameterKind, int, int)> { ("model.embed_tokens.weight", ParameterKind.Embedding, config.VocabularySize, config.Width) };
        for (int layer = 0; layer < config.Layers; layer++)
        {
            string prefix = $"model.layers.{layer}.";
            shapes.Add((prefix + "input_layernorm.weight", ParameterKind.Gain, 1, config.Width));
            shapes.Add((prefix + "self_attn.qkv_proj.weight", ParameterKind.Matrix, attention.ProjectionColumns, config.Width));
            if (config.AttentionBias) shapes.Add((prefix + "self_attn.qkv_proj.bias", ParameterKind.Bias, 1, attention.ProjectionColumns));
            if (config.QueryKeyNorm)
            {
                shapes.Add((prefix + "self_attn.q_norm.weight", ParameterKind.Gain, 1, config.HeadDimension));
                shapes.Add((prefix + "self_attn.k_norm.weight", ParameterKind.Gain, 1, config.HeadDimension));
            }

            shapes.Add((prefix + "self_attn.o_proj.weight", ParameterKind.Matrix, config.Width, attention.OutputColumns));
            shapes.Add((prefix + "post_attention_layernorm.weight", ParameterKind.Gain, 1, config.Width));
            shapes.Add((prefix + "mlp.gate_up_proj.weight", ParameterKind.Matrix, 2 * config.FeedForward, config.Width));
            shapes.Add((prefix + "mlp.down_proj.weight", ParameterKind.Matrix, config.Width, config.FeedForward));
        }

        shapes.Add(("model.norm.weight", ParameterKind.Gain, 1, config.Width));
        if (!config.TiedEmbeddings) shapes.Add(("lm_head.weight", ParameterKind.Head, config.VocabularySize, config.Width));

        Parameters = new ParameterSet(shapes, stored);
        _blocks = new Block[config.Layers];
        for (int layer = 0; layer < config.Layers; layer++) _blocks[layer] = new Block(Parameters, layer, config);
        Embedding = Parameters["model.embed_tokens.weight"].Value;
        FinalNorm = Parameters["model.norm.weight"].Value;
        Head = config.TiedEmbeddings ? Embedding : Parameters["lm_head.weight"].Value;
    }

    /// <summary>The shape.</summary>
    public TransformerConfig Config { get; }

    /// <summary>
    /// All parameters by their Hugging Face names, but that q, k, v stand in one <c>qkv_proj</c> and gate, up in one
    /// <c>gate_up_proj</c>: rows of a matrix, which checkpoints split without copying.
    /// </summary>
    public ParameterSet Parameters { get; }

    /// <summary>The token table (V, D).</summary>
    public Tensor Embedding { get; }

    /// <summary>The output head (V, D); the token table itself when tied.</summary>
    public Tensor Head { get; }

    /// <summary>
    /// Low-rank additions to the weights, in training, evaluation and decoding alike; null for none. The caller owns it. Change it
    /// between steps only, and tell generators (<see cref="Generator.WeightsChanged"/>).
    /// </summary>
    /// <exception cref="ReverieException">It was made for another shape.</exception>
    public Adapter? Adapter
    {
        get => _adapter;
        set
        {
            value?.CheckFits(this);
            _adapter = value;
            foreach (Block block in _blocks) block.Adapt(value);
        }
    }

    private Tensor FinalNorm { get; }

    /// <summary>
    /// Draws new weights so that the residual stream begins as the token itself: matrices are normal with deviation
    /// 1/sqrt(inputs), those that write into the stream are zero, the head has deviation 0.005, gains are one, biases zero; then
    /// <see cref="InductionHeads"/> are written over them where the shape has room. Measured in docs/recipe.md.
    /// </summary>
    /// <param name="seed">Fixes the weights.</param>
    /// <param name="embeddingDeviation">Deviation of an untied table; a tied one has 0.02.</param>
    /// <param name="outputScale">Factor on the matrices that write into the stream; above 0 every weight is random and matters at once, as tests need it.</param>
    public void Initialize(ulong seed, float embeddingDeviation = 0.5f, float outputScale = 0)
    {
        var random = new RandomStream(seed, "initialize");
        foreach (Parameter parameter in Parameters.All)
        {
            bool writesToStream = parameter.Name.EndsWith("o_proj.weight", StringComparison.Ordinal) || parameter.Name.EndsWith("down_proj.weight", StringComparison.Ordinal);
            float deviation = parameter.Kind switch
            {
                ParameterKind.Embedding => Config.TiedEmbeddings ? 0.02f : embeddingDeviation,
                ParameterKind.Head => outputScale > 0 ? embeddingDeviation : 0.005f,
                _ => (writesToStream ? outputScale : 1) / MathF.Sqrt(parameter.Value.Columns),
            };
            foreach (ref float value in parameter.Value.Span) value = parameter.Kind switch
            {
                ParameterKind.Gain => 1,
                ParameterKind.Bias => 0,
                _ => deviation * (float)random.NextGaussian(),
            };
        }

        if (outputScale == 0 && InductionHeads.Fit(Config)) InductionHeads.Write(this, embeddingDeviation);
    }

    /// <summary>Hidden states of a flat batch after the final norm: N tokens -> (N, D). The head is applied by the token loss.</summary>
    /// <param name="tape">Records the ops when it is a recording one.</param>
    /// <param name="tokens">Token ids; at least <paramref name="count"/>.</param>
    /// <param name="count">N.</param>
    /// <param name="segments">The documents in the batch.</param>
    /// <param name="segmentCount">Number of documents.</param>
    public Tensor Forward(Tape tape, int[] tokens, int count, Segment[] segments, int segmentCount)
    {
        Tensor x = Ops.Embedding(tape, Embedding, tokens, count);
        foreach (Block block in _blocks)
        {
            Tensor projection = block.Project(tape, x);
            Tensor mixed = Ops.CausalAttention(tape, projection, block.QueryNorm, block.KeyNorm, block.Shape, segments, segmentCount);
            x = block.Finish(tape, x, mixed);
        }

        return Ops.RmsNorm(tape, x, FinalNorm, Config.NormEpsilon);
    }

    /// <summary>The same for new tokens of cached sequences: one segment a sequence, see <see cref="PagedKeyValues"/>.</summary>
    public Tensor ForwardCached(Tape tape, int[] tokens, int count, Segment[] segments, int segmentCount, PagedKeyValues cache) =>
        ForwardCached(tape, tokens, count, segments, segmentCount, cache, null);

    /// <summary>The same where each row has its own adapter, or none.</summary>
    /// <param name="tape">A tape that does not record.</param>
    /// <param name="tokens">Token ids.</param>
    /// <param name="count">N.</param>
    /// <param name="segments">One a sequence.</param>
    /// <param name="segmentCount">Number of sequences.</param>
    /// <param name="cache">Where their keys and values stand.</param>
    /// <param name="adapters">In place of <see cref="Adapter"/>; null for it.</param>
    internal Tensor ForwardCached(Tape tape, int[] tokens, int count, Segment[] segments, int segmentCount, PagedKeyValues cache, AdapterRows? adapters)
    {
        Tensor x = Ops.Embedding(tape, Embedding, tokens, count);
        for (int layer = 0; layer < _blocks.Length; layer++)
        {
            Block block = _blocks[layer];
            Tensor projection = block.Project(tape, x, adapters);
            Tensor mixed = Ops.CachedAttention(tape, projection, block.QueryNorm, block.KeyNorm, block.Shape, segments.AsSpan(0, segmentCount), cache, layer);
            x = block.Finish(tape, x, mixed, adapters);
        }

        return Ops.RmsNorm(tape, x, FinalNorm, Config.NormEpsilon);
    }

    /// <summary>Heights of the matrices that a parameter is made of: three for queries, keys and values, two for gate and up, else one.</summary>
    public IReadOnlyList<int> Parts(Parameter parameter)
    {
        int keyValue = Config.KeyValueHeads * Config.HeadDimension;
        if (parameter.Name.EndsWith("qkv_proj.weight", StringComparison.Ordinal)) return [Config.Attention.OutputColumns, keyValue, keyValue];
        if (parameter.Name.EndsWith("gate_up_proj.weight", StringComparison.Ordinal)) return [Config.FeedForward, Config.FeedForward];
        return [parameter.Value.Rows];
    }

    /// <summary>Lays all weights out for decoding. Call again after training changed them.</summary>
    public void Prepack(IKernels kernels)
    {
        foreach (Parameter parameter in Products) kernels.Prepack(parameter.Value);
    }

    /// <summary>Forgets the layout for decoding, before the weights are trained further.</summary>
    public void Unpack(IKernels kernels)
    {
        foreach (Parameter parameter in Products) kernels.Unpack(parameter.Value);
    }

    /// <summary>Frees the parameters.</summary>
    public void Dispose() => Parameters.Dispose();

    /// <summary>The matrices that an adapter can add to, block by block in the order in which a block multiplies with them.</summary>
    internal static IEnumerable<string> AdaptedMatrices(TransformerConfig config) => Enumerable.Range(0, config.Layers).SelectMany(layer => Matrices(layer));

    private static string[] Matrices(int layer) =>
    [
        $"model.layers.{layer}.self_attn.qkv_proj.weight", $"model.layers.{layer}.self_attn.o_proj.weight",
        $"model.layers.{layer}.mlp.gate_up_proj.weight", $"model.layers.{layer}.mlp.down_proj.weight",
    ];

    private IEnumerable<Parameter> Products => Parameters.All.Where(p => p.Kind == ParameterKind.Matrix || ReferenceEquals(p.Value, Head));

    /// <summary>The parameters of one block, looked up once.</summary>
    private sealed class Block(ParameterSet parameters, int layer, TransformerConfig config)
    {
        // The order of Matrices.
        private const int Projection = 0, Output = 1, GateUp = 2, Down = 3;

        private readonly Tensor _inputNorm = parameters[$"model.layers.{layer}.input_layernorm.weight"].Value;
        private readonly Tensor _mlpNorm = parameters[$"model.layers.{layer}.post_attention_layernorm.weight"].Value;
        private readonly Tensor? _bias = config.AttentionBias ? parameters[$"model.layers.{layer}.self_attn.qkv_proj.bias"].Value : null;
        private readonly Tensor[] _weights = [.. Matrices(layer).Select(name => parameters[name].Value)];
        private readonly LowRank?[] _additions = new LowRank?[MatricesOfBlock];
        private readonly AttentionShape _shape = config.Attention;
        private int[] _zeros = [];

        public Tensor? QueryNorm { get; } = config.QueryKeyNorm ? parameters[$"model.layers.{layer}.self_attn.q_norm.weight"].Value : null;

        public Tensor? KeyNorm { get; } = config.QueryKeyNorm ? parameters[$"model.layers.{layer}.self_attn.k_norm.weight"].Value : null;

        public AttentionShape Shape => _shape;

        public void Adapt(Adapter? adapter)
        {
            string[] names = Matrices(layer);
            for (int i = 0; i < names.Length; i++) _additions[i] = adapter?.AdditionTo(names[i]);
        }

        public Tensor Project(Tape tape, Tensor x, AdapterRows? adapters = null)
        {
            // A bias is a table of one row, looked up for every token; the product is added to it.
            if (_bias is not null && _zeros.Length < x.Rows) _zeros = new int[x.Rows];
            Tensor? biases = _bias is null ? null : Ops.Embedding(tape, _bias, _zeros, x.Rows);
            return Linear(tape, Ops.RmsNorm(tape, x, _inputNorm, config.NormEpsilon), Projection, adapters, biases);
        }

        public Tensor Finish(Tape tape, Tensor x, Tensor mixed, AdapterRows? adapters = null)
        {
            x = Linear(tape, mixed, Output, adapters, residual: x);
            Tensor gateUp = Linear(tape, Ops.RmsNorm(tape, x, _mlpNorm, config.NormEpsilon), GateUp, adapters);
            return Linear(tape, Ops.SwiGlu(tape, gateUp), Down, adapters, residual: x);
        }

        private Tensor Linear(Tape tape, Tensor x, int matrix, AdapterRows? adapters, Tensor? residual = null)
        {
            // Where nobody goes back, nobody reads the residual again.
            Tensor? y = tape.Recording ? null : residual;
            if (tape.Recording && _additions[matrix]?.Whole is { } whole) return Ops.Linear(tape, x, whole, residual);
            if (y is null) y = Ops.Linear(tape, x, _weights[matrix], residual);
            else Ops.AddLinear(tape, y, x, _weights[matrix]);
            if (adapters is not null) Ops.AddLowRanks(tape, y, x, adapters.To(layer * MatricesOfBlock + matrix));
            else if (_additions[matrix] is { } addition) Ops.AddLowRank(tape, y, x, addition.Down, addition.Up, addition.Scale);
            return y;
        }
    }
}
