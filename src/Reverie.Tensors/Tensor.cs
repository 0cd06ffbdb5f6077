namespace Reverie.Tensors;

/// <summary>
/// A matrix of float32 in native memory, row-major: (Rows, Columns). Everything in a decoder is one: activations are
/// (tokens, width), weights (outputs, inputs), gains (1, width). It lives in an <see cref="Arena"/> and is valid until
/// that arena is reset or disposed. A weight may be <see cref="Stored"/> instead: then it has no floats, and kernels alone read it.
/// </summary>
public sealed unsafe class Tensor
{
    internal Tensor() { }

    /// <summary>Number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Number of columns; rows follow each other without a gap.</summary>
    public int Columns { get; private set; }

    /// <summary>Number of elements.</summary>
    public long Length => (long)Rows * Columns;

    /// <summary>
    /// d loss / d this, of the same shape: null until the backward pass first writes it (activations), or
    /// permanent and accumulated (parameters).
    /// </summary>
    public Tensor? Gradient { get; internal set; }

    /// <summary>True for tensors whose gradient is accumulated over the whole step: parameters.</summary>
    public bool IsParameter { get; internal set; }

    /// <summary>
    /// True where nobody wants the gradient: parameters that are not trained (<see cref="ParameterSet.Freeze"/>), and activations that
    /// depend on no trained one. Backward passes leave it out.
    /// </summary>
    public bool IsFrozen { get; internal set; }

    /// <summary>The weight in its file, for a tensor that has no floats of its own; else null.</summary>
    public StoredMatrix? Stored { get; private init; }

    /// <summary>The elements.</summary>
    /// <exception cref="InvalidOperationException">The tensor is <see cref="Stored"/>.</exception>
    /// <exception cref="OverflowException">More elements than a span can hold; go row by row.</exception>
    public Span<float> Span => new(Pointer, checked((int)Length));

    /// <summary>The elements of one row.</summary>
    public Span<float> Row(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)row, (uint)Rows, nameof(row));
        return new(Pointer + (long)row * Columns, Columns);
    }

    internal float* Pointer
    {
        get => Stored is null ? field : throw new InvalidOperationException($"The weight {this} stays in its file and has no floats here.");
        private set;
    }

    /// <summary>The same weight in the layout that thin products want; kept by the kernels (see <see cref="IKernels.Prepack"/>).</summary>
    internal IDisposable? Packed { get; set; }

    /// <summary>The rows [<paramref name="start"/>, start + count) as a tensor over the same memory.</summary>
    public Tensor View(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Rows, nameof(count));
        return new Tensor().Reuse(Pointer + (long)start * Columns, count, Columns);
    }

    /// <summary>The columns [<paramref name="start"/>, start + count) of a tensor of one row, over the same memory.</summary>
    public Tensor Part(int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Rows, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, Columns, nameof(count));
        return new Tensor().Reuse(Pointer + start, 1, count);
    }

    /// <summary>A weight that stays in its file: it is a parameter, and nobody trains it.</summary>
    public static Tensor Of(StoredMatrix stored) => new() { Stored = stored, Rows = stored.Rows, Columns = stored.Columns, IsParameter = true, IsFrozen = true };

    /// <inheritdoc/>
    public override string ToString() => $"({Rows}, {Columns})";

    internal Tensor Reuse(float* pointer, int rows, int columns)
    {
        Pointer = pointer;
        (Rows, Columns) = (rows, columns);
        Gradient = null;
        (IsParameter, IsFrozen) = (false, false);
        return this;
    }
}
