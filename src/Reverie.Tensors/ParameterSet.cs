namespace Reverie.Tensors;

/// <summary>
/// The parameters of a model in one contiguous buffer, and their gradients in a second of the same layout, so that clipping,
/// optimizing, hashing, saving and averaging are one pass over one buffer.
/// </summary>
public sealed class ParameterSet : IDisposable
{
    private readonly Arena _values = new(blockBytes: 0);
    private Arena? _gradients;
    private readonly Dictionary<string, Parameter> _byName = [];

    /// <summary>Allocates the parameters, all zero.</summary>
    /// <param name="shapes">Name, kind, rows and columns of each, in the order of the buffer.</param>
    /// <param name="stored">
    /// Gives the weight of a parameter that stays in its file, or null for one with floats here. A set with such parameters is frozen for good.
    /// </param>
    public ParameterSet(IReadOnlyList<(string Name, ParameterKind Kind, int Rows, int Columns)> shapes, Func<string, StoredMatrix?>? stored = null)
    {
        // Each parameter starts on a cache line; the gaps hold zeros and stay zero under every optimizer.
        StoredMatrix?[] weights = [.. shapes.Select(s => stored?.Invoke(s.Name))];
        long length = shapes.Zip(weights).Sum(s => s.Second is null ? Aligned((long)s.First.Rows * s.First.Columns) : 0);
        Values = _values.Allocate(checked((int)(length / Line)), Line, clear: true);
        var parameters = new List<Parameter>();
        long offset = 0;
        foreach (((string name, ParameterKind kind, int rows, int columns), StoredMatrix? weight) in shapes.Zip(weights))
        {
            if (weight is not null && (weight.Rows != rows || weight.Columns != columns)) throw new ArgumentException($"The stored {name} is ({weight.Rows}, {weight.Columns}), not ({rows}, {columns}).", nameof(stored));
            Tensor value = weight is null ? Slice(Values, offset, rows, columns) : Tensor.Of(weight);
            value.IsParameter = true;
            parameters.Add(new Parameter(name, kind, value, offset));
            _byName.Add(name, parameters[^1]);
            offset += weight is null ? Aligned(value.Length) : 0;
        }

        All = parameters;
        HasStored = weights.Any(w => w is not null);
        if (HasStored) Freeze();
    }

    private const int Line = 16;

    /// <summary>The parameters in the order of the buffer.</summary>
    public IReadOnlyList<Parameter> All { get; }

    /// <summary>All values as one buffer of 16 columns.</summary>
    public Tensor Values { get; }

    /// <summary>All gradients as one buffer of the same layout; null until <see cref="AllocateGradients"/>.</summary>
    public Tensor? Gradients { get; private set; }

    /// <summary>Number of trained numbers, the gaps between parameters left out.</summary>
    public long Count => All.Sum(p => p.Value.Length);

    /// <summary>The parameter of that name.</summary>
    public Parameter this[string name] => _byName[name];

    /// <summary>Whether the parameters stay as they are: see <see cref="Freeze"/>.</summary>
    public bool IsFrozen { get; private set; }

    /// <summary>Whether some parameters stay in their files, so that the set cannot be trained.</summary>
    public bool HasStored { get; }

    /// <summary>Gives every parameter a gradient, all zero, and ends <see cref="Freeze"/>; does nothing if they have one.</summary>
    /// <exception cref="ReverieException">Some parameters stay in their files.</exception>
    public void AllocateGradients()
    {
        if (Gradients is not null) return;
        if (HasStored) throw new ReverieException("Weights that stay in their file cannot be trained. Train an adapter on them, or load the model as float32.");
        IsFrozen = false;
        _gradients = new Arena(blockBytes: 0);
        Gradients = _gradients.Allocate(Values.Rows, Values.Columns, clear: true);
        foreach (Parameter parameter in All) (parameter.Value.Gradient, parameter.Value.IsFrozen) = (Part(Gradients, parameter), false);
    }

    /// <summary>
    /// Takes the parameters out of training: their gradients are given back, and backward passes leave them out. Optimizers
    /// made for them cannot step any more.
    /// </summary>
    public void Freeze()
    {
        IsFrozen = true;
        foreach (Parameter parameter in All) (parameter.Value.Gradient, parameter.Value.IsFrozen) = (null, true);
        Gradients = null;
        _gradients?.Dispose();
        _gradients = null;
    }

    /// <summary>The part of a buffer of this set's layout (values, gradients, moments) that belongs to a parameter.</summary>
    public static Tensor Part(Tensor buffer, Parameter parameter) => Slice(buffer, parameter.Offset, parameter.Value.Rows, parameter.Value.Columns);

    /// <summary>Frees values and gradients.</summary>
    public void Dispose()
    {
        foreach (Parameter parameter in All) parameter.Value.Packed?.Dispose();
        _values.Dispose();
        _gradients?.Dispose();
    }

    private static long Aligned(long length) => (length + Line - 1) / Line * Line;

    private static unsafe Tensor Slice(Tensor buffer, long offset, int rows, int columns) => new Tensor().Reuse(buffer.Pointer + offset, rows, columns);
}
