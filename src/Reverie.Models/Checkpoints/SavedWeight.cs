using System.Runtime.ExceptionServices;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>A weight on its way into a file, wherever its rows come from, in the type that the file wants.</summary>
/// <param name="Name">Its name in the file.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="IsVector">Whether the file gives it one dimension.</param>
/// <param name="Type">The type in the file.</param>
/// <param name="Fill">Gives a row. Many threads ask at once.</param>
internal sealed record SavedWeight(string Name, int Rows, int Columns, bool IsVector, WeightType Type, SavedWeight.RowSource Fill)
{
    private const int BatchBytes = 8 << 20;

    /// <summary>Fills <paramref name="values"/> with a row.</summary>
    public delegate void RowSource(int row, Span<float> values);

    /// <summary>Bytes in the file.</summary>
    public long Bytes => Rows * WeightFormat.Bytes(Type, Columns);

    /// <summary>Some rows of a tensor, which may have floats or be stored.</summary>
    public static SavedWeight Of(string name, Tensor values, bool isVector = false, WeightType type = WeightType.F32, int start = 0, int? rows = null) =>
        new(name, rows ?? values.Rows, values.Columns, isVector, type, (row, destination) =>
        {
            if (values.Stored is { } stored) stored.Expand(start + row, destination);
            else values.Row(start + row).CopyTo(destination);
        });

    /// <summary>Writes the rows, each number rounded to the nearest that the type has.</summary>
    /// <exception cref="ReverieException">A number is not finite, or beyond the type's range.</exception>
    public void Write(Stream stream)
    {
        int rowBytes = checked((int)WeightFormat.Bytes(Type, Columns)), batch = Math.Clamp(BatchBytes / rowBytes, 1, Rows);
        byte[] encoded = new byte[batch * rowBytes];
        for (int start = 0; start < Rows; start += batch)
        {
            int first = start, count = Math.Min(batch, Rows - start);
            try
            {
                Parallel.For(0, count, () => new float[Columns], (row, _, values) =>
                {
                    Fill(first + row, values);
                    WeightFormat.Encode(Type, values, encoded.AsSpan(row * rowBytes, rowBytes));
                    return values;
                }, static _ => { });
            }
            catch (AggregateException e)
            {
                if (e.InnerException is OverflowException overflow) throw new ReverieException($"Tensor {Name} does not fit {Type}: {overflow.Message.TrimEnd('.')}. Write another type, such as bf16 or f32.", overflow);
                ExceptionDispatchInfo.Throw(e.InnerException!);
            }

            stream.Write(encoded, 0, count * rowBytes);
        }
    }
}
