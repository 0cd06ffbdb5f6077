using System.Text.Json;

namespace Reverie.Cli.Tests;

public sealed class ReportCommandTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), "reverie-report-cli-" + Path.GetRandomFileName());

    public ReportCommandTests()
    {
        foreach (string run in (string[])["a-1", "b-1"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, "runs", run));
            File.WriteAllText(Path.Combine(_folder, "runs", run, "run.json"), "{\"options\": {}}");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_page_is_written_beside_the_run_and_named_on_the_last_line()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run("report", "a-1", "--workspace", _folder));
        Assert.Equal(Path.Combine(_folder, "runs", "a-1", "report.html"), streams.LastLine);
        Assert.True(File.Exists(streams.LastLine));
    }

    [Fact]
    public void Json_names_the_page_that_compares_and_its_data()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Success, streams.Run("report", "a-1", "b-1", "--json", "--workspace", _folder));
        JsonElement json = JsonDocument.Parse(streams.Output).RootElement;
        foreach (string file in (string[])["page", "data"]) Assert.True(File.Exists(json.GetProperty(file).GetString()));
    }

    [Fact]
    public void A_run_that_is_not_there_is_one_line_with_those_that_are()
    {
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("report", "c-1", "--workspace", _folder));
        Assert.Single(streams.Error.TrimEnd('\n').Split('\n'));
        Assert.Contains("a-1", streams.Error);
    }

    [Fact]
    public void A_damaged_record_is_one_line()
    {
        File.WriteAllText(Path.Combine(_folder, "runs", "a-1", "run.json"), "{\"options\": {");
        var streams = new Streams();
        Assert.Equal(ExitCode.Failure, streams.Run("report", "a-1", "--workspace", _folder));
        Assert.Single(streams.Error.TrimEnd('\n').Split('\n'));
    }
}
