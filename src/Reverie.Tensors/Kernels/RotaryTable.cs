namespace Reverie.Tensors.Kernels;

/// <summary>Cosines and sines of rotary positions (arXiv 2104.09864) for one base, head width and scaling, computed in double, grown on demand.</summary>
internal sealed unsafe class RotaryTable(float theta, int headDimension, RopeScaling? scaling = null) : IDisposable
{
    private readonly NativeBuffer _buffer = new();
    private int _positions;

    /// <summary>Whether this table is for heads of that kind.</summary>
    public bool Fits(AttentionShape shape) => shape.RopeTheta == theta && shape.HeadDimension == headDimension && shape.Scaling == scaling;

    /// <summary>(positions, HeadDimension): for each position HeadDimension / 2 cosines, then as many sines, of position * theta^(-2i / HeadDimension).</summary>
    public float* For(int positions)
    {
        if (positions > _positions)
        {
            _positions = Math.Max(positions, Math.Max(256, checked(_positions * 2)));
            float* table = _buffer.Take((nint)_positions * headDimension);
            int half = headDimension / 2;
            for (int i = 0; i < half; i++)
            {
                double frequency = Math.Pow(theta, -2.0 * i / headDimension);
                if (scaling is not null) frequency = scaling.Scale(frequency);
                for (nint position = 0; position < _positions; position++)
                {
                    (double sine, double cosine) = Math.SinCos(position * frequency);
                    table[position * headDimension + i] = (float)cosine;
                    table[position * headDimension + half + i] = (float)sine;
                }
            }
        }

        return _buffer.Take(0);
    }

    public void Dispose() => _buffer.Dispose();
}
