namespace Reverie.Tensors;

/// <summary>
/// Reverse-mode automatic differentiation: ops append what they did, <see cref="Backward"/> walks it from the end.
/// Outputs and gradients live in the step arena, so one <see cref="Reset"/> ends a step.
/// </summary>
public sealed class Tape
{
    private readonly List<Tensor> _free = [];
    private TapeEntry[] _entries = new TapeEntry[64];
    private int _count;

    /// <summary>Creates a tape whose ops run on <paramref name="kernels"/> and write to <paramref name="arena"/>.</summary>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="arena">Where outputs and gradients live until <see cref="Reset"/>.</param>
    /// <param name="recording">False for inference: nothing is kept for a backward pass.</param>
    public Tape(IKernels kernels, Arena arena, bool recording = true) => (Kernels, Arena, Recording) = (kernels, arena, recording);

    /// <summary>The arithmetic under the ops.</summary>
    public IKernels Kernels { get; }

    /// <summary>Where outputs live.</summary>
    public Arena Arena { get; }

    /// <summary>Whether ops are recorded.</summary>
    public bool Recording { get; }

    /// <summary>
    /// Walks the record from the end and fills the gradient of everything that the seeded outputs depend on: the losses
    /// have already written theirs. Gradients of parameters accumulate over calls until they are cleared; those of what an op
    /// has made are gone once the op's own backward pass has read them, so that their memory serves the next.
    /// </summary>
    public void Backward()
    {
        for (int i = _count - 1; i >= 0; i--)
        {
            ref readonly TapeEntry entry = ref _entries[i];
            if (entry.Output.Gradient is not { } gradient) continue;
            entry.Operation.Backward(this, entry);

            // Whoever reads this gradient has done so, unless it changed hands or belongs to what the op added to.
            if (ReferenceEquals(entry.Residual?.Gradient, gradient)) continue;
            entry.Output.Gradient = null;
            _free.Add(gradient);
        }
    }

    /// <summary>Forgets the record and takes back the arena.</summary>
    public void Reset()
    {
        Array.Clear(_entries, 0, _count);
        _count = 0;
        _free.Clear();
        Arena.Reset();
    }

    /// <summary>Keeps an op for the backward pass, unless all that it read is frozen: then its output is, too.</summary>
    internal void Record(in TapeEntry entry)
    {
        if (!Recording) return;
        entry.Output.IsFrozen = entry.Input.IsFrozen && (entry.Weight?.IsFrozen ?? true) && (entry.SecondWeight?.IsFrozen ?? true) && (entry.Residual?.IsFrozen ?? true);
        if (entry.Output.IsFrozen) return;
        if (_count == _entries.Length) Array.Resize(ref _entries, _count * 2);
        _entries[_count++] = entry;
    }

    /// <summary>
    /// The buffer for the gradient of <paramref name="tensor"/>. The first to ask for it must overwrite it; whoever comes
    /// later, and everyone who asks for a parameter's, must add to it.
    /// </summary>
    internal Tensor GradientOf(Tensor tensor, out bool accumulate)
    {
        accumulate = tensor.Gradient is not null;
        return tensor.Gradient ??= tensor.IsParameter
            ? throw new InvalidOperationException("This parameter has no gradient: the model was opened for inference, or frozen.")
            : Take(tensor.Rows, tensor.Columns);
    }

    /// <summary>
    /// Adds the gradient of <paramref name="from"/> to that of <paramref name="to"/>. Once an op's backward pass has run, its
    /// output's gradient has no reader left, so the buffer itself changes hands where it can.
    /// </summary>
    internal void PassGradient(Tensor from, Tensor to)
    {
        if (to.Gradient is null && !to.IsParameter) to.Gradient = from.Gradient;
        else Kernels.Add(from.Gradient!, GradientOf(to, out bool accumulate), accumulate);
    }

    /// <summary>Memory for a gradient: of one that has been read, or new.</summary>
    private unsafe Tensor Take(int rows, int columns)
    {
        for (int i = _free.Count - 1; i >= 0; i--)
        {
            Tensor used = _free[i];
            if (used.Length != (long)rows * columns) continue;
            _free.RemoveAt(i);
            return used.Reuse(used.Pointer, rows, columns);
        }

        return Arena.Allocate(rows, columns);
    }
}
