namespace Reverie.Evaluation.Tests;

/// <summary>The expected values are what CPython 3.11 prints.</summary>
public class MersenneTwisterTests
{
    [Theory]
    [InlineData(0, 3626764237, 1654615998, 3255389356, 0.8444218515250481)]
    [InlineData(1, 577090037, 2444712010, 3639700191, 0.13436424411240122)]
    [InlineData(1234, 4150886329, 3342196574, 1892932127, 0.9664535356921388)]
    [InlineData(1099511627781, 2166296868, 2220160828, 1153647273, 0.5043802970418443)]
    public void Seeds_give_the_bits_of_CPython(long seed, long first, long second, long third, double real)
    {
        var random = new MersenneTwister(seed);
        Assert.Equal([first, second, third], [random.NextUInt32(), random.NextUInt32(), random.NextUInt32()]);
        Assert.Equal(real, new MersenneTwister(seed).NextDouble());
    }

    [Fact]
    public void A_negative_seed_is_its_absolute_value() => Assert.Equal(new MersenneTwister(5).NextUInt32(), new MersenneTwister(-5).NextUInt32());

    [Fact]
    public void The_state_is_generated_anew_as_in_CPython()
    {
        var random = new MersenneTwister(0);
        for (int i = 0; i < 2000; i++) random.NextUInt32();
        Assert.Equal(4065999976u, random.NextUInt32());
    }

    [Fact]
    public void Samples_of_small_and_large_populations_are_those_of_CPython()
    {
        Assert.Equal([6374, 3610, 957, 61, 742], new MersenneTwister(1234).Sample([.. Enumerable.Range(0, 7473)], 5));
        Assert.Equal([9, 7, 3], new MersenneTwister(1241).Sample([.. Enumerable.Range(0, 10)], 3));
        Assert.Equal([99, 56, 14, 0, 11, 74, 4, 85, 88, 10], new MersenneTwister(1234).Sample([.. Enumerable.Range(0, 100)], 30)[..10]);
        Assert.Equal([199, 112, 29, 1, 23, 149, 8, 171, 177, 21], new MersenneTwister(1234).Sample([.. Enumerable.Range(0, 200)], 30)[..10]);
        var random = new MersenneTwister(1234);
        Assert.Equal([14, 3], random.Sample([.. Enumerable.Range(0, 21)], 2));
        Assert.Equal([0, 2], random.Sample([.. Enumerable.Range(0, 22)], 2));
        Assert.Equal([18, 1], random.Sample([.. Enumerable.Range(0, 22)], 2));
    }

    [Fact]
    public void Shuffle_is_that_of_CPython()
    {
        int[] items = [.. Enumerable.Range(0, 10)];
        new MersenneTwister(1337).Shuffle<int>(items);
        Assert.Equal([0, 3, 7, 2, 1, 6, 4, 5, 8, 9], items);
    }
}
