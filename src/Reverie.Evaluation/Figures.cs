using System.Globalization;

namespace Reverie.Evaluation;

/// <summary>Numbers as people read them, the same everywhere.</summary>
public static class Figures
{
    /// <summary>All digits: 0.05, 12, 1e-05.</summary>
    public static string Plain(double value) => value.ToString("G7", CultureInfo.InvariantCulture);

    /// <summary>Three significant digits without trailing zeros, for learning rates and the like: 0.00566, 0.98, 1E-05.</summary>
    public static string Rate(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    /// <summary>A whole number with separators: 12,345.</summary>
    public static string Whole(double value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Three digits and a unit: 950, 12.3k, 1.07M, 2.10B.</summary>
    public static string Short(double value) => Math.Abs(value) switch
    {
        >= 1e9 => ThreeDigits(value / 1e9) + "B",
        >= 1e6 => ThreeDigits(value / 1e6) + "M",
        >= 1e4 => ThreeDigits(value / 1e3) + "k",
        _ => Whole(value),
    };

    /// <summary>Bytes in binary units: 1.35 GiB.</summary>
    public static string Bytes(double value) => value switch
    {
        >= 1L << 30 => ThreeDigits(value / (1L << 30)) + " GiB",
        >= 1 << 20 => ThreeDigits(value / (1 << 20)) + " MiB",
        >= 1 << 10 => ThreeDigits(value / (1 << 10)) + " KiB",
        _ => Whole(value) + " B",
    };

    /// <summary>Three significant digits: 0.123, 1.23, 12.3, 123.</summary>
    public static string ThreeDigits(double value) =>
        value.ToString(Math.Abs(value) switch { >= 99.95 => "F0", >= 9.995 => "F1", >= 0.9995 => "F2", _ => "F3" }, CultureInfo.InvariantCulture);

    /// <summary>A share: 7%, or 97.5% with a decimal.</summary>
    public static string Percent(double share, int decimals = 0) => (share * 100).ToString("F" + decimals, CultureInfo.InvariantCulture) + "%";

    /// <summary>A time in seconds: 4.2 s, 1:05, 2:03:04.</summary>
    public static string Duration(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0) return "-";
        if (seconds < 9.95) return seconds.ToString("F1", CultureInfo.InvariantCulture) + " s";
        return seconds < 59.5 ? Whole(seconds) + " s" : Clock(seconds);
    }

    /// <summary>A time as a clock shows it: 0:04, 1:05, 2:03:04.</summary>
    public static string Clock(double seconds)
    {
        var time = TimeSpan.FromSeconds(Math.Round(Math.Clamp(seconds, 0, 1e9)));
        return time.TotalHours >= 1
            ? string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours}:{time.Minutes:00}:{time.Seconds:00}")
            : string.Create(CultureInfo.InvariantCulture, $"{time.Minutes}:{time.Seconds:00}");
    }
}
