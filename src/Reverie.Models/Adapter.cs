using System.Numerics;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// LoRA (arXiv 2106.09685): a low-rank addition (alpha / r) B A to every matrix inside the blocks of a <see cref="Transformer"/>,
/// trained in place of the model. A is normal with deviation 1/sqrt(inputs), B zero, so that it begins as the model itself. A
/// fused matrix has one A for all its parts; an adapter that PEFT made has one for each, see <see cref="AdapterShape"/>.
/// </summary>
public sealed partial class Adapter : IDisposable
{
    /// <summary>The file that makes a folder an adapter's.</summary>
    public const string ConfigFileName = AdapterConfig.FileName;

    /// <summary>The files that are the adapter; what else stands in its folder says something about it.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [AdapterLayout.WeightsFileName, AdapterConfig.FileName];

    private readonly Dictionary<string, LowRank> _additions = [];
    private readonly Dictionary<string, IReadOnlyList<int>> _parts = [];
    private readonly Lock _life = new();
    private static long _made;
    private AdapterFactors? _factors;
    private int _uses;
    private bool _isDisposed;

    /// <summary>Makes an adapter for a model; <see cref="Transformer.Adapter"/> puts it to use.</summary>
    /// <param name="model">The model, for its shapes.</param>
    /// <param name="rank">r: inputs that an addition sees.</param>
    /// <param name="alpha">Strength; the addition is scaled by alpha / r, so that the rate need not follow the rank.</param>
    /// <param name="seed">Fixes A.</param>
    /// <exception cref="ReverieException">The rank or alpha makes no sense.</exception>
    public Adapter(Transformer model, int rank = 16, float alpha = 32, ulong seed = 0) : this(model, rank, alpha, false, Shared(model, rank, alpha))
    {
        var random = new RandomStream(seed, "adapter");
        foreach (LowRank addition in _additions.Values)
        {
            float deviation = 1 / MathF.Sqrt(addition.Down.Columns);
            foreach (ref float value in addition.Down.Span) value = deviation * (float)random.NextGaussian();
        }
    }

    /// <summary>Allocates an adapter, all zero.</summary>
    /// <param name="model">The model, for its shapes.</param>
    /// <param name="rank">r where a part says nothing else, for its file.</param>
    /// <param name="alpha">Strength, likewise.</param>
    /// <param name="rankStabilized">Whether the additions are scaled by alpha / sqrt(r).</param>
    /// <param name="shapes">The parameters of the model that have an addition.</param>
    internal Adapter(Transformer model, int rank, float alpha, bool rankStabilized, IReadOnlyDictionary<string, AdapterShape> shapes)
    {
        if (rank is < 1 or > 1 << 16) throw new ReverieException($"An adapter's rank is {rank}; it must be between 1 and {1 << 16}.");
        if (!float.IsFinite(alpha) || alpha <= 0) throw new ReverieException($"An adapter's alpha is {alpha}; it must be a number above 0.");
        (Config, Rank, Alpha, IsRankStabilized) = (model.Config, rank, alpha, rankStabilized);
        Parameter[] adapted = [.. model.Parameters.All.Where(p => shapes.ContainsKey(p.Name))];
        Parameters = new ParameterSet([.. adapted.SelectMany(p => new[]
        {
            (NameOf(p.Name, "lora_A"), ParameterKind.Matrix, shapes[p.Name].Rank, p.Value.Columns),
            (NameOf(p.Name, "lora_B"), ParameterKind.Matrix, p.Value.Rows, shapes[p.Name].Rank),
        })]);
        foreach (Parameter parameter in adapted)
        {
            AdapterShape shape = shapes[parameter.Name];
            string down = NameOf(parameter.Name, "lora_A"), up = NameOf(parameter.Name, "lora_B");
            _additions.Add(parameter.Name, new LowRank(Parameters[down].Value, Parameters[up].Value, shape.Scale(rankStabilized), shape));
            if (!shape.IsShared) _parts.Add(down, [.. shape.Parts.Select(p => p.Rank).Where(r => r > 0)]);
            _parts.Add(up, model.Parts(parameter));
        }
    }

    /// <summary>The shape of the models that it fits.</summary>
    public TransformerConfig Config { get; }

    /// <summary>r.</summary>
    public int Rank { get; }

    /// <summary>Strength before the division by <see cref="Rank"/>.</summary>
    public float Alpha { get; }

    /// <summary>Whether additions are scaled by alpha / sqrt(r) in place of alpha / r.</summary>
    public bool IsRankStabilized { get; }

    /// <summary>A (r, inputs) and B (outputs, r) of every matrix: the set to make an optimizer for.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>Heights of the matrices that a parameter is made of, as <see cref="Transformer.Parts"/> has them for the model's.</summary>
    public IReadOnlyList<int> Parts(Parameter parameter) => _parts.GetValueOrDefault(parameter.Name) ?? [parameter.Value.Rows];

    /// <summary>Adds the adapter to a model's weights for good: the model alone then does what it did with the adapter, but for rounding.</summary>
    /// <exception cref="ReverieException">The model has another shape.</exception>
    public void MergeInto(Transformer model, IKernels kernels)
    {
        CheckFits(model);
        AddTo(name => model.Parameters[name].Value, kernels);
    }

    /// <summary>A new model with the adapter in its weights; the caller owns it.</summary>
    /// <exception cref="ReverieException">The model has another shape.</exception>
    public Transformer Merged(Transformer model, IKernels kernels)
    {
        CheckFits(model);
        var merged = new Transformer(model.Config);
        foreach ((Parameter from, Parameter to) in model.Parameters.All.Zip(merged.Parameters.All))
        {
            if (from.Value.Stored is not { } stored) kernels.Add(from.Value, to.Value, accumulate: false);
            else
                for (int row = 0; row < stored.Rows; row++) stored.Expand(row, to.Value.Row(row));
        }

        MergeInto(merged, kernels);
        return merged;
    }

    /// <summary>
    /// Saves the adapter as a new folder, whole or not at all, in the layout of PEFT: <c>adapter_model.safetensors</c> and
    /// <c>adapter_config.json</c>, beside <c>lineage.json</c>, in the smallest type that holds its weights as they are. A fused matrix is split as PEFT has it, with its one A repeated.
    /// </summary>
    /// <param name="folder">Must not be there yet.</param>
    /// <param name="lineage">Its history; <see cref="Lineage.Parent"/> is the <see cref="Lineage.Id"/> of the model that it was made for.</param>
    /// <param name="baseModel">Name or folder of the model, for PEFT; null where there is none to name.</param>
    /// <param name="addFiles">Writes what says something about the adapter into the folder that it is given, before anybody can see it; such files are no part of the adapter's hash.</param>
    /// <returns>The lineage as saved.</returns>
    /// <exception cref="ReverieException">The folder exists, the disk is full, or a weight is not finite: nothing is left on disk.</exception>
    public Lineage Save(string folder, Lineage lineage, string? baseModel = null, Action<string, Lineage>? addFiles = null) => AdapterLayout.Save(folder, this, lineage, baseModel, addFiles);

    /// <summary>An adapter of its own with the same weights, scaled: with 0 it does nothing, with 1 it is a copy.</summary>
    /// <param name="model">The model that it was made for.</param>
    /// <param name="scale">Factor of the addition.</param>
    /// <exception cref="ReverieException">The model has another shape.</exception>
    public Adapter Scaled(Transformer model, float scale)
    {
        CheckFits(model);
        var copy = new Adapter(model, Rank, Alpha, IsRankStabilized, _additions.ToDictionary(a => a.Key, a => a.Value.Shape));
        foreach ((string name, LowRank addition) in _additions)
        {
            LowRank own = copy._additions[name];
            addition.Down.Span.CopyTo(own.Down.Span);
            addition.Up.Span.CopyTo(own.Up.Span);
            if (scale == 1) continue;
            foreach (ref float value in own.Up.Span) value *= scale;
        }

        return copy;
    }

    /// <summary>Rounds every weight to the nearest bfloat16: <see cref="Save"/> takes half the room then, and loses nothing.</summary>
    /// <exception cref="OverflowException">A weight is beyond the range of bfloat16.</exception>
    public void Round()
    {
        Span<float> values = Parameters.Values.Span;
        byte[] rounded = new byte[WeightFormat.Bytes(WeightType.BF16, values.Length)];
        WeightFormat.Encode(WeightType.BF16, values, rounded);
        WeightFormat.Expand(WeightType.BF16, rounded, values);
    }

    /// <summary>The smallest type that holds its weights as they are.</summary>
    internal WeightType Type
    {
        get
        {
            foreach (float value in Parameters.Values.Span)
                if ((BitConverter.SingleToUInt32Bits(value) & 0xFFFF) != 0) return WeightType.F32;
            return WeightType.BF16;
        }
    }

    /// <summary>Reads an adapter that <see cref="Save"/> or PEFT wrote.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="model">The model that it is for.</param>
    /// <param name="modelId">The model's <see cref="Lineage.Id"/>, compared with the one that the adapter was made for where both are known.</param>
    /// <param name="verify">Compares every file with the hash in <c>lineage.json</c>, where there is one.</param>
    /// <exception cref="ReverieException">A file is missing or damaged, or the adapter is for another model: one line that names it.</exception>
    public static Adapter Load(string folder, Transformer model, string? modelId = null, bool verify = true) => AdapterLayout.Load(folder, model, modelId, verify);

    /// <summary>Frees the parameters, once the last generation that uses it has ended; take it off its model before.</summary>
    public void Dispose()
    {
        lock (_life)
        {
            _isDisposed = true;
            if (_uses == 0) Free();
        }
    }

    /// <summary>Names it among all adapters of the process, in the order in which they were made.</summary>
    internal long Id { get; } = Interlocked.Increment(ref _made);

    /// <summary>What decoding reads; made at the first call. For the one thread that decodes.</summary>
    internal AdapterFactors Factors => _factors ??= new AdapterFactors(Transformer.AdaptedMatrices(Config).Select(AdditionTo));

    /// <summary>Keeps it from being freed until <see cref="Release"/>.</summary>
    /// <exception cref="ReverieException">It was disposed of.</exception>
    internal void Hold()
    {
        lock (_life)
        {
            if (_isDisposed) throw new ReverieException("The adapter is no longer loaded. Load it again, or ask the model without it.");
            _uses++;
        }
    }

    /// <summary>Ends one use.</summary>
    internal void Release()
    {
        lock (_life)
            if (--_uses == 0 && _isDisposed) Free();
    }

    /// <summary>Whether it is gone, or will be when its last use ends.</summary>
    internal bool IsDisposed
    {
        get
        {
            lock (_life) return _isDisposed;
        }
    }

    /// <summary>Forgets what decoding reads.</summary>
    /// <param name="changes">The parameters change; else it is kept where somebody uses it.</param>
    internal void ForgetFactors(bool changes)
    {
        lock (_life)
        {
            if (_uses > 0 && !changes) return;
            _factors?.Dispose();
            _factors = null;
        }
    }

    private void Free()
    {
        _factors?.Dispose();
        _factors = null;
        Parameters.Dispose();
    }

    /// <summary>Adds every addition to the weight of the parameter's name.</summary>
    internal void AddTo(Func<string, Tensor> weights, IKernels kernels)
    {
        using var arena = new Arena();
        foreach ((string name, LowRank addition) in _additions)
        {
            Tensor scaled = arena.Allocate(addition.Down.Rows, addition.Down.Columns);
            kernels.Add(addition.Down, scaled, accumulate: false);
            kernels.Scale(scaled, addition.Scale);
            kernels.MatMul(addition.Up, false, scaled, false, weights(name), accumulate: true);
            arena.Reset();
        }
    }

    /// <summary>The additions by the parameter of the model.</summary>
    internal IReadOnlyDictionary<string, LowRank> Additions => _additions;

    /// <summary>The addition to a parameter of the model, or null.</summary>
    internal LowRank? AdditionTo(string parameter) => _additions.GetValueOrDefault(parameter);

    /// <exception cref="ReverieException">The model has another shape.</exception>
    internal void CheckFits(Transformer model)
    {
        if (model.Config != Config) throw new ReverieException($"The adapter was made for a model of another shape: width {Config.Width} and {Config.Layers} layers, not {model.Config.Width} and {model.Config.Layers}. Take the model that it was trained on.");
    }

    private static Dictionary<string, AdapterShape> Shared(Transformer model, int rank, float alpha) => model.Parameters.All
        .Where(p => p.Kind == ParameterKind.Matrix)
        .ToDictionary(p => p.Name, p => new AdapterShape([.. model.Parts(p).Select(_ => new AdapterPart(rank, alpha))], IsShared: true));

    private static string NameOf(string parameter, string part) => $"{parameter[..^".weight".Length]}.{part}.weight";
}

/// <summary>One addition: scale Up Down.</summary>
/// <param name="Down">A: (r, inputs).</param>
/// <param name="Up">B: (outputs, r).</param>
/// <param name="Scale">alpha / r.</param>
/// <param name="Shape">How it is made of those to the parameter's matrices.</param>
internal sealed record LowRank(Tensor Down, Tensor Up, float Scale, AdapterShape Shape)
{
    /// <summary>The weight with the addition in it, while a step is trained through it (<see cref="MergedAdapter"/>); else null.</summary>
    public Tensor? Whole { get; set; }

    /// <summary>Adds to one row of the weight, in the order and so the bits of <see cref="Adapter.MergeInto"/>.</summary>
    public void AddTo(int row, Span<float> values)
    {
        ReadOnlySpan<float> factors = Up.Row(row);
        for (int k = 0; k < factors.Length; k++)
        {
            ReadOnlySpan<float> inputs = Down.Row(k);
            var factor = new Vector<float>(factors[k]);
            int i = 0;
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
                Vector.FusedMultiplyAdd(factor, new Vector<float>(inputs[i..]) * Scale, new Vector<float>(values[i..])).CopyTo(values[i..]);
            for (; i < values.Length; i++) values[i] = MathF.FusedMultiplyAdd(factors[k], inputs[i] * Scale, values[i]);
        }
    }
}
