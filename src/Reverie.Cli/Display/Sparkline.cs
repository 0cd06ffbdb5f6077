namespace Reverie.Cli.Display;

/// <summary>A curve of block characters.</summary>
internal static class Sparkline
{
    private const string Blocks = " ▁▂▃▄▅▆▇█", Ascii = " .:-=+*##";

    /// <summary>Draws values as filled columns between their minimum and maximum; the lowest still shows.</summary>
    /// <param name="values">From left to right; those that are not finite are left blank.</param>
    /// <param name="width">Columns. Fewer values than that give fewer columns, more are averaged.</param>
    /// <param name="height">Rows, each of eight levels.</param>
    /// <param name="unicode">Whether block characters can be shown.</param>
    /// <returns>The rows from the top.</returns>
    public static string[] Draw(ReadOnlySpan<double> values, int width, int height, bool unicode = true)
    {
        double[] columns = Resample(values, Math.Max(width, 1));
        double minimum = double.PositiveInfinity, maximum = double.NegativeInfinity;
        foreach (double value in columns)
        {
            if (!double.IsFinite(value)) continue;
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        int levels = 8 * height;
        var rows = new string[height];
        for (int row = 0; row < height; row++)
        {
            int below = 8 * (height - 1 - row);
            rows[row] = string.Create(columns.Length, columns, (line, from) =>
            {
                for (int i = 0; i < line.Length; i++)
                {
                    double share = maximum > minimum ? (from[i] - minimum) / (maximum - minimum) : 0;
                    int level = double.IsFinite(from[i]) ? 1 + (int)Math.Round(share * (levels - 1)) : 0;
                    line[i] = (unicode ? Blocks : Ascii)[Math.Clamp(level - below, 0, 8)];
                }
            });
        }

        return rows;
    }

    private static double[] Resample(ReadOnlySpan<double> values, int width)
    {
        if (values.Length <= width) return values.ToArray();
        var columns = new double[width];
        for (int i = 0; i < width; i++)
        {
            int start = (int)((long)i * values.Length / width), end = (int)((long)(i + 1) * values.Length / width);
            double sum = 0;
            int count = 0;
            foreach (double value in values[start..end])
            {
                if (!double.IsFinite(value)) continue;
                sum += value;
                count++;
            }

            columns[i] = count == 0 ? double.NaN : sum / count;
        }

        return columns;
    }
}
