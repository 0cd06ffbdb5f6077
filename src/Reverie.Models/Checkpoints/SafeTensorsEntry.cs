namespace Reverie.Models;

/// <summary>One tensor of a safetensors file, as its header describes it.</summary>
/// <param name="Name">Its name, unique in the file.</param>
/// <param name="ElementType">How its numbers are stored, e.g. <c>F32</c>.</param>
/// <param name="Shape">Sizes, outermost first; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="End">One past its last byte.</param>
public sealed record SafeTensorsEntry(string Name, string ElementType, IReadOnlyList<long> Shape, long Begin, long End)
{
    /// <summary>Number of elements.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => product * size);

    /// <summary>The shape as people write it, e.g. <c>(512, 64)</c>.</summary>
    public string ShapeText => $"({string.Join(", ", Shape)})";
}
