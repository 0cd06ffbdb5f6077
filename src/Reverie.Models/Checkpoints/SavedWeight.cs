using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>A weight on its way into a file: some rows of a tensor, which may have floats or be stored, in the type that the file wants.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Values">The tensor.</param>
/// <param name="Start">First of its rows.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="IsVector">Whether the file gives it one dimension.</param>
/// <param name="Type">The type in the file.</param>
internal sealed record SavedWeight(string Name, Tensor Values, int Start, int Rows, bool IsVector, WeightType Type = WeightType.F32)
{
    /// <summary>Bytes in the file.</summary>
    public long Bytes => Rows * WeightFormat.Bytes(Type, Values.Columns);

    /// <summary>Writes the rows, each number rounded to the nearest that the type has.</summary>
    /// <exception cref="ReverieException">A number is not finite, or beyond the type's range.</exception>
    public void Write(Stream stream)
    {
        float[] expanded = new float[Values.Stored is null ? 0 : Values.Columns];
        byte[] encoded = new byte[WeightFormat.Bytes(Type, Values.Columns)];
        for (int row = Start; row < Start + Rows; row++)
        {
            Values.Stored?.Expand(row, expanded);
            ReadOnlySpan<float> values = Values.Stored is null ? Values.Row(row) : expanded;
            try
            {
                WeightFormat.Encode(Type, values, encoded);
            }
            catch (OverflowException e)
            {
                throw new ReverieException($"Tensor {Name} does not fit {Type}: {e.Message.TrimEnd('.')}. Write another type, such as bf16 or f32.", e);
            }

            stream.Write(encoded);
        }
    }
}
