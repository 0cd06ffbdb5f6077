namespace Reverie.Cli.Display;

/// <summary>The losses of a whole run in a fixed number of points: when they are full, neighbours become their mean.</summary>
internal sealed class LossCurve
{
    private const int Capacity = 256;
    private readonly double[] _points = new double[Capacity];
    private int _count, _stride = 1, _pending;
    private double _sum;

    /// <summary>Adds the loss of a step.</summary>
    public void Add(double loss)
    {
        _sum += loss;
        if (++_pending < _stride) return;
        _points[_count++] = _sum / _pending;
        (_sum, _pending) = (0, 0);
        if (_count < Capacity) return;
        for (int i = 0; i < Capacity / 2; i++) _points[i] = (_points[2 * i] + _points[2 * i + 1]) / 2;
        _count = Capacity / 2;
        _stride *= 2;
    }

    /// <summary>The points so far, each the mean of as many steps.</summary>
    public double[] ToArray() => _points[.._count];
}
