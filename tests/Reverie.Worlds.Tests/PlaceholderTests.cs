namespace Reverie.Worlds.Tests;

public class PlaceholderTests
{
    [Fact]
    public void Placeholder() => Assert.NotNull(typeof(PlaceholderTests));
}
