using System.Text.RegularExpressions;
using Sample;

namespace Reverie.Chat.Tests;

public partial class ReadmeSampleTests
{
    private static string Root => Directory.Exists(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "src"))
        ? Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", ".."))
        : throw new DirectoryNotFoundException("The tests do not run inside the repository.");

    [Fact]
    public void The_README_shows_the_sample_that_is_compiled_here()
    {
        string source = File.ReadAllText(Path.Combine(Root, "tests", "Reverie.Chat.Tests", "ReadmeSample.cs"));
        string[] blocks = [.. Marked().Matches(source).Select(m => string.Join('\n', m.Groups[2].Value.Split('\n').Select(l => l.StartsWith(m.Groups[1].Value, StringComparison.Ordinal) ? l[m.Groups[1].Length..] : l)).Trim().Replace("internal ", "", StringComparison.Ordinal))];
        Assert.Equal(2, blocks.Length);
        string readme = File.ReadAllText(Path.Combine(Root, "README.md"));
        Assert.All(blocks, b => Assert.Contains(b, readme, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_READMEs_sample_runs()
    {
        await using var small = new SmallWorkspace(context: 2048);
        await small.Catalog.DisposeAsync();
        string? home = Environment.GetEnvironmentVariable("REVERIE_HOME");
        TextWriter console = Console.Out;
        using var said = new StringWriter();
        try
        {
            Environment.SetEnvironmentVariable("REVERIE_HOME", small.Workspace.Root);
            Console.SetOut(said);
            await ReadmeSample.RunAsync();
        }
        finally
        {
            Console.SetOut(console);
            Environment.SetEnvironmentVariable("REVERIE_HOME", home);
        }

        string[] lines = said.ToString().TrimEnd().Split('\n');
        Assert.StartsWith("Fox { Mood = ", lines[^2], StringComparison.Ordinal);
        Assert.Equal("32", lines[^1].Trim());
    }

    [GeneratedRegex(@"^( *)// <sample>\r?\n(.*?)^ *// </sample>", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Marked();
}
