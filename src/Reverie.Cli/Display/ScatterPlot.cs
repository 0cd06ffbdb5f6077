namespace Reverie.Cli.Display;

/// <summary>Points in a frame of characters, the y axis from 0 to 1.</summary>
internal static class ScatterPlot
{
    private const int Height = 10, Margin = 6;

    /// <summary>Draws points with their errors.</summary>
    /// <param name="points">x, y between 0 and 1, and the standard error of y.</param>
    /// <param name="title">What x is.</param>
    /// <param name="width">Columns of the whole.</param>
    /// <param name="unicode">Whether box characters can be shown.</param>
    /// <returns>The rows from the top.</returns>
    public static string[] Draw(IReadOnlyList<(double X, double Y, double Error)> points, string title, int width, bool unicode)
    {
        int columns = Math.Max(20, width - Margin - 1);
        double most = Math.Max(1, points.Max(p => p.X));
        char[][] grid = [.. Enumerable.Range(0, Height + 1).Select(_ => Enumerable.Repeat(' ', columns).ToArray())];
        foreach ((double x, double y, double error) in points)
        {
            int column = (int)Math.Round(x / most * (columns - 1));
            for (int row = Row(y + error); row <= Row(y - error); row++) if (grid[row][column] == ' ') grid[row][column] = unicode ? '│' : '|';
            grid[Row(y)][column] = unicode ? '●' : 'o';
        }

        return
        [
            .. grid.Select((line, row) => (row % 5 == 0 ? Figures.Percent(1 - (row / (double)Height)) : "").PadLeft(Margin - 1) + (unicode ? " ┤" : " |") + new string(line).TrimEnd()),
            new string(' ', Margin) + (unicode ? '└' + new string('─', columns) : '+' + new string('-', columns)),
            new string(' ', Margin + 1) + "0" + title.PadLeft((columns + title.Length) / 2 - 1).PadRight(columns - 1 - Figures.Whole(most).Length) + Figures.Whole(most),
        ];

        static int Row(double share) => (int)Math.Round((1 - Math.Clamp(share, 0, 1)) * Height);
    }
}
