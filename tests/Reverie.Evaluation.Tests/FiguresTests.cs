namespace Reverie.Evaluation.Tests;

public class FiguresTests
{
    [Theory]
    [InlineData(0, "0")]
    [InlineData(950, "950")]
    [InlineData(9_999, "9,999")]
    [InlineData(12_345, "12.3k")]
    [InlineData(1_065_000, "1.06M")]
    [InlineData(2_100_000_000, "2.10B")]
    public void Counts_have_three_digits_and_a_unit(double value, string text) => Assert.Equal(text, Figures.Short(value));

    [Theory]
    [InlineData(0.4, "0.4 s")]
    [InlineData(12, "12 s")]
    [InlineData(59.7, "1:00")]
    [InlineData(65, "1:05")]
    [InlineData(7384, "2:03:04")]
    [InlineData(double.NaN, "-")]
    public void Durations_read_like_a_watch(double seconds, string text) => Assert.Equal(text, Figures.Duration(seconds));

    [Theory]
    [InlineData(512, "512 B")]
    [InlineData(1.35 * 1073741824, "1.35 GiB")]
    public void Bytes_have_binary_units(double bytes, string text) => Assert.Equal(text, Figures.Bytes(bytes));
}
