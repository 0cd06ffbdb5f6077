namespace Reverie.Models.Tests;

public class PlaceholderTests
{
    [Fact]
    public void Placeholder() => Assert.NotNull(typeof(PlaceholderTests));
}
