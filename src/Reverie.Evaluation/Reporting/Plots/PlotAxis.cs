using System.Globalization;

namespace Reverie.Evaluation;

/// <summary>An axis with few, round ticks.</summary>
internal sealed class PlotAxis
{
    private const double LogMargin = 0.04;

    private readonly bool _log, _percent;
    private readonly double _low, _high;

    /// <summary>Fits an axis to values.</summary>
    /// <param name="values">What is to be shown; on a logarithmic axis only what is above 0 counts.</param>
    /// <param name="log">Whether equal ratios have equal lengths.</param>
    /// <param name="percent">Whether 1 is shown as 100%.</param>
    /// <param name="round">Whether the axis ends at ticks (a logarithmic one with several of them: a little beyond the values) rather than at the outermost values.</param>
    /// <param name="most">Ticks at most.</param>
    public PlotAxis(IEnumerable<double> values, bool log = false, bool percent = false, bool round = true, int most = 5)
    {
        double[] shown = [.. values.Where(v => double.IsFinite(v) && (!log || v > 0))];
        (_log, _percent) = (log, percent);
        (_low, _high) = shown.Length == 0 ? (log ? 0.1 : 0, 1) : (shown.Min(), shown.Max());
        if (_high - _low <= 1e-12 * Math.Abs(_high)) (_low, _high) = log ? (_low / 2, _high * 2) : _low == 0 ? (0, 1) : (Math.Min(0, 2 * _low), Math.Max(0, 2 * _high));
        double[] ticks = log ? LogTicks(most) : LinearTicks(most);
        if (round && log && ticks.Count(t => t >= _low && t <= _high) > 1) (_low, _high) = (_low / Math.Pow(_high / _low, LogMargin), _high * Math.Pow(_high / _low, LogMargin));
        else if (round) (_low, _high) = (Math.Min(_low, ticks[0]), Math.Max(_high, ticks[^1]));
        double slack = 1e-9 * (_high - _low);
        Ticks = [.. ticks.Where(t => log ? t >= _low * (1 - 1e-9) && t <= _high * (1 + 1e-9) : t >= _low - slack && t <= _high + slack)];
    }

    /// <summary>Where lines and labels stand, in the axis's unit.</summary>
    public IReadOnlyList<double> Ticks { get; }

    /// <summary>Where a value lies: 0 at the low end, 1 at the high end.</summary>
    public double Position(double value) => _log
        ? Math.Log(Math.Max(value, _low) / _low) / Math.Log(_high / _low)
        : (value - _low) / (_high - _low);

    /// <summary>A tick's label.</summary>
    public string Label(double tick) => !_log && Math.Abs(tick) < 1e-9 * (_high - _low) ? Scaled(0) : Scaled(tick);

    /// <summary>A value with three digits.</summary>
    public string Value(double value) => _percent ? Figures.Percent(value) : Math.Abs(value) switch
    {
        0 => "0",
        < 0.001 => value.ToString("0.#E+0", CultureInfo.InvariantCulture),
        >= 1e4 => Figures.Short(value),
        _ => Figures.ThreeDigits(value),
    };

    private string Scaled(double tick)
    {
        if (_percent) return (tick * 100).ToString("0.##", CultureInfo.InvariantCulture) + "%";
        (double unit, string suffix) = Math.Abs(tick) switch { >= 1e9 => (1e9, "B"), >= 1e6 => (1e6, "M"), >= 1e4 => (1e3, "k"), _ => (1, "") };
        return (tick / unit).ToString(tick != 0 && Math.Abs(tick) < 0.001 ? "0.#E+0" : "0.#####", CultureInfo.InvariantCulture) + suffix;
    }

    private double[] LinearTicks(int most)
    {
        for (double magnitude = Math.Pow(10, Math.Floor(Math.Log10(_high - _low)) - 1); ; magnitude *= 10)
        {
            foreach (double step in (double[])[magnitude, 2 * magnitude, 2.5 * magnitude, 5 * magnitude])
            {
                double first = Math.Floor(_low / step + 1e-9), last = Math.Ceiling(_high / step - 1e-9);
                if (last - first < most) return [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => (first + i) * step)];
            }
        }
    }

    /// <summary>1, 2, 5, 10, ... where they are few enough, else every power of ten, of a hundred, ...</summary>
    private double[] LogTicks(int most)
    {
        int first = (int)Math.Floor(Math.Log10(_low) + 1e-9), last = (int)Math.Ceiling(Math.Log10(_high) - 1e-9);
        double[] fine = [.. Enumerable.Range(first, last - first + 1).SelectMany(p => (double[])[Math.Pow(10, p), 2 * Math.Pow(10, p), 5 * Math.Pow(10, p)])];
        int from = Math.Max(0, Array.FindLastIndex(fine, t => t <= _low * 1.0001)), to = Array.FindIndex(fine, t => t >= _high * 0.9999);
        if (to - from < most) return fine[from..(to + 1)];
        int every = (last - first + most - 1) / most;
        return [.. Enumerable.Range(0, (last - first) / every + 1).Select(i => Math.Pow(10, first + i * every))];
    }
}
