namespace Reverie.Tensors.Kernels;

/// <summary>
/// One factor of a product, stored either way: element (i, k) lies at <c>Data[i * Lane + k * Step]</c>, where i counts
/// rows of op(A) or columns of op(B). One of the two strides is 1.
/// </summary>
internal readonly unsafe struct GemmOperand(float* data, nint lane, nint step)
{
    public readonly float* Data = data;
    public readonly nint Lane = lane;
    public readonly nint Step = step;

    /// <summary>The address of element (<paramref name="i"/>, <paramref name="k"/>).</summary>
    public float* At(nint i, nint k) => Data + i * Lane + k * Step;

    /// <summary>
    /// Copies the elements (first .. first + count, start .. start + length) to <paramref name="target"/> as (length, width),
    /// with zeros in the columns from <paramref name="count"/> to <paramref name="width"/>.
    /// </summary>
    public void Pack(nint first, int count, nint start, nint length, float* target, int width)
    {
        float* source = At(first, start);
        if (count < width) new Span<float>(target, checked((int)(length * width))).Clear();
        if (Lane == 1) GemmPacking.Copy(source, Step, count, length, target, width);
        else GemmPacking.Transpose(source, Lane, count, length, target, width);
    }
}
