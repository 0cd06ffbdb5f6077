namespace Reverie.Cli.Tests;

public class PlaceholderTests
{
    [Fact]
    public void Placeholder() => Assert.NotNull(typeof(PlaceholderTests));
}
