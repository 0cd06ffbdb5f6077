namespace Reverie.Cli.Tests;

public sealed class LabCommandTests
{
    [Fact]
    public void Claims_are_listed_with_what_can_refute_them()
    {
        (int code, string output, _) = Run("lab");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("sleep: A model that sleeps", output);
        Assert.Contains("lab sleep", output);
    }

    [Theory]
    [InlineData("lab sleep --arms retrieval,dreams", "There is no arm \"dreams\". There are: frozen, full-context, retrieval")]
    [InlineData("lab sleep nobody --arms sleep", "There is no model")]
    [InlineData("lab sleep --days 0", "--days must be between 1 and 3650")]
    public void What_cannot_be_tested_is_refused_in_a_line(string command, string expected)
    {
        string folder = Directory.CreateTempSubdirectory("reverie-cli-").FullName;
        try
        {
            (int code, _, string error) = Run([.. command.Split(' '), "--workspace", folder]);
            Assert.NotEqual(ExitCode.Success, code);
            Assert.Contains(expected, error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (int Code, string Output, string Error) Run(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        int code = Shell.Run(arguments, Terminal.Of(TextReader.Null, output, error));
        return (code, output.ToString(), error.ToString());
    }
}
