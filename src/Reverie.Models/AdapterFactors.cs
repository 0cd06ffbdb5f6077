using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>An adapter's factors as a batch of many adapters reads them: transposed, one after the other.</summary>
internal sealed class AdapterFactors : IDisposable
{
    private readonly Arena _arena = new(blockBytes: 0);
    private readonly (Tensor Down, Tensor Up, float Scale)?[] _additions;

    /// <summary>Copies the factors; the copy does not follow later changes.</summary>
    /// <param name="additions">One for each matrix in the order of <see cref="Transformer.AdaptedMatrices"/>, null where nothing is added.</param>
    public AdapterFactors(IEnumerable<LowRank?> additions) =>
        _additions = [.. additions.Select(a => a is null ? default((Tensor, Tensor, float)?) : (Transposed(a.Down), Transposed(a.Up), a.Scale))];

    /// <summary>The addition to one matrix, or null.</summary>
    public (Tensor Down, Tensor Up, float Scale)? this[int matrix] => _additions[matrix];

    /// <inheritdoc/>
    public void Dispose() => _arena.Dispose();

    private Tensor Transposed(Tensor source)
    {
        Tensor target = _arena.Allocate(source.Columns, source.Rows);
        Span<float> values = target.Span;
        for (int row = 0; row < source.Rows; row++)
        {
            ReadOnlySpan<float> from = source.Row(row);
            for (int column = 0; column < from.Length; column++) values[column * source.Rows + row] = from[column];
        }

        return target;
    }
}
