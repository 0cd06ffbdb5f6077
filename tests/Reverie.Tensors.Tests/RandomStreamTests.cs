using CsCheck;

namespace Reverie.Tensors.Tests;

public sealed class RandomStreamTests
{
    [Fact]
    public void The_same_seed_and_name_give_the_same_numbers_on_every_machine()
    {
        var stream = new RandomStream(42, "golden");
        Assert.Equal<ulong>(Golden, (ulong[])[stream.NextUInt64(), stream.NextUInt64(), stream.NextUInt64()]);
    }

    private static readonly ulong[] Golden = [0xE03ADBB459FC604CUL, 0xA7795C43626CC572UL, 0xD889AEE5D6405A8AUL];

    [Fact]
    public void Other_names_and_seeds_give_other_streams()
    {
        ulong[] firsts = [.. from seed in Enumerable.Range(0, 50) from name in new[] { "a", "b", "ab", "ba", "" } select new RandomStream((ulong)seed, name).NextUInt64()];
        Assert.Equal(firsts.Length, firsts.Distinct().Count());
    }

    [Fact]
    public void A_saved_position_continues_exactly()
    {
        var stream = new RandomStream(7, "x");
        for (int i = 0; i < 10; i++) stream.NextGaussian();
        var copy = new RandomStream(0, "") { State = stream.State };
        for (int i = 0; i < 100; i++) Assert.Equal(stream.NextGaussian(), copy.NextGaussian());
        Assert.Throws<ArgumentException>(() => copy.State = [0, 0, 0, 0]);
        Assert.Throws<ArgumentException>(() => copy.State = [1, 2, 3]);
    }

    [Fact]
    public void Integers_stay_in_range_and_are_even() => Gen.Select(Gen.Int[1, 40], Gen.ULong).Sample((n, seed) =>
    {
        var stream = new RandomStream(seed, "integers");
        var counts = new int[n];
        for (int i = 0; i < 1000 * n; i++) counts[stream.Next(n)]++;

        // Six deviations of a count.
        Assert.All(counts, c => Assert.InRange(c, 1000 - 190, 1000 + 190));
        Assert.InRange(stream.Next(-5, 5), -5, 4);
    }, iter: 20, seed: "0000000000000");

    [Fact]
    public void No_range_is_too_large_or_empty()
    {
        var stream = new RandomStream(1, "range");
        for (int i = 0; i < 1000; i++) Assert.InRange(stream.Next(int.MaxValue), 0, int.MaxValue - 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.Next(0));
    }

    [Fact]
    public void Gaussians_have_mean_zero_and_deviation_one()
    {
        var stream = new RandomStream(3, "gaussian");
        double[] draws = [.. Enumerable.Range(0, 100_000).Select(_ => stream.NextGaussian())];
        Assert.InRange(draws.Average(), -0.02, 0.02);
        Assert.InRange(draws.Average(x => x * x), 0.97, 1.03);
        Assert.InRange(draws.Average(x => x * x * x * x), 2.8, 3.2);
    }

    [Fact]
    public void Shuffling_keeps_every_item_and_reaches_every_order()
    {
        var stream = new RandomStream(4, "shuffle");
        var seen = new HashSet<string>();
        for (int i = 0; i < 500; i++)
        {
            char[] items = ['a', 'b', 'c', 'd'];
            stream.Shuffle<char>(items);
            seen.Add(new string(items));
            Assert.Equal("abcd", string.Concat(items.Order()));
        }

        Assert.Equal(24, seen.Count);
        Assert.Contains(stream.Pick([1, 2, 3]), new[] { 1, 2, 3 });
    }
}
