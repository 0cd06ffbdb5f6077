using System.Text.Json;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Cli.Tests;

public sealed class MorningsCommandTests : IDisposable
{
    private readonly TinyModel _tiny = new();

    public MorningsCommandTests()
    {
        var workspace = new Workspace(_tiny.Folder);
        var mornings = new Mornings(workspace, "local");
        using var checkpoint = Checkpoint.Load(workspace.Resolve("tiny"));
        for (int i = 0; i < 3; i++)
        {
            using var adapter = new Adapter(checkpoint.Transformer, rank: 2, seed: (ulong)i);
            (int number, string folder) = mornings.Next();
            adapter.Save(folder, new Lineage { Name = "local", Version = $"{number}", Parent = checkpoint.Lineage!.Id });
            mornings.Promote(number);
        }

        File.WriteAllText(Path.Combine(mornings.List()[0].Folder, Morning.ReportFileName), """{"verdict":"passed\u001b[2J"}""");
    }

    public void Dispose() => _tiny.Dispose();

    [Fact]
    public void Mornings_are_listed_with_what_the_gates_said()
    {
        string list = Ok("mornings");
        Assert.Contains("3 *", list);
        Assert.Contains("passed[2J", list);
        Assert.Contains("tiny@2", list);
        JsonElement[] mornings = [.. Json("mornings", "tiny").GetProperty("mornings").EnumerateArray()];
        Assert.Equal([3, 2, 1], mornings.Select(m => m.GetProperty("number").GetInt32()));
        Assert.Equal([true, false, false], mornings.Select(m => m.GetProperty("current").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, mornings[1].GetProperty("gate").ValueKind);
        Assert.Empty(Json("mornings", "tiny@1", "--user", "ada").GetProperty("mornings").EnumerateArray());
        Assert.Contains("ada has no mornings", Ok("mornings", "--user", "ada"));
        Assert.Contains("There is no model", Run("mornings", "nothing").Error);
        Ok("generate", "tiny", "--prompt", "Once", "--adapter", "local/2", "--max-tokens", "2");
        Assert.Contains("There is no adapter", Run("generate", "tiny", "--prompt", "Once", "--adapter", "local/9").Error);
        Assert.Contains("cannot be a user's name", Run("mornings", "--user", "../local").Error);
    }

    [Fact]
    public void The_companys_are_others_and_are_gone_back_to_in_the_same_way()
    {
        Assert.Contains("the company has no mornings", Ok("mornings", "--company"));
        var workspace = new Workspace(_tiny.Folder);
        Mornings company = Mornings.OfCompany(workspace);
        using var checkpoint = Checkpoint.Load(workspace.Resolve("tiny"));
        using var adapter = new Adapter(checkpoint.Transformer, rank: 2, seed: 9);
        string ground = adapter.Save(company.Next().Folder, new Lineage { Name = company.Owner, Version = "1", Parent = checkpoint.Lineage!.Id }).Id;
        company.Promote(1);
        var hers = new Mornings(workspace, "ada");
        adapter.Save(hers.Next().Folder, new Lineage { Name = "ada", Version = "1", Parent = checkpoint.Lineage!.Id, Beneath = ground });
        Assert.Contains("1 *", Ok("mornings", "--company"));
        Assert.Equal(ground, Json("mornings", "--user", "ada").GetProperty("mornings")[0].GetProperty("beneath").GetString());
        Ok("generate", "tiny", "--prompt", "Once", "--adapter", "ada/1", "--max-tokens", "2");
        Ok("generate", "tiny", "--prompt", "Once", "--adapter", "the company/1", "--max-tokens", "2");
        Assert.Equal((0, false), Current(Json("models", "rewind", "--company")));
        Assert.Equal((3, false), Current(Json("models", "rewind", "3")));
        company.Delete(1);
        Assert.Contains("no longer there", Run("generate", "tiny", "--prompt", "Once", "--adapter", "ada/1").Error);
        Assert.True(Run("sleep", "--k", "3").Code == ExitCode.Usage && Run("sleep", "--company", "--k", "1").Code == ExitCode.Usage);
    }

    [Fact]
    public void One_can_go_back_and_stay_there()
    {
        Assert.Contains("tiny@2 answers local with morning 2 (", Ok("models", "rewind"));
        Assert.Equal((1, false), Current(Json("models", "rewind", "1")));
        Assert.Equal((3, true), Current(Json("models", "pin", "3", "--model", "tiny@2")));
        Assert.Contains("3 * pinned", Ok("mornings"));
        Assert.Equal((3, false), Current(Json("models", "pin", "none")));
        Assert.Equal((0, true), Current(Json("models", "pin", "0")));
        Assert.Contains("tiny@2 answers local without memories, pinned.", Ok("mornings"));
        Assert.Equal((2, true), Current(Json("models", "rewind", "2")));
        foreach (string[] wrong in new string[][] { ["pin"], ["pin", "x"], ["pin", "-1"], ["pin", "01"], ["rewind", "x"], ["rewind", "-2"] })
            Assert.True(Run(["models", .. wrong]).Code == ExitCode.Usage, string.Join(' ', wrong));
        Assert.Contains("local has no morning 9", Run("models", "pin", "9").Error);
        Assert.Contains("nothing before", Run("models", "rewind", "--user", "ada").Error);
        Assert.Contains("Examples:", Ok("models", "rewind", "--help"));
        Assert.Equal((2, true), Current(Json("models", "pin", "2")));
    }

    private static (int Number, bool IsPinned) Current(JsonElement result) => (result.GetProperty("current").GetInt32(), result.GetProperty("pinned").GetBoolean());

    private JsonElement Json(params string[] args)
    {
        (int code, _, string error, string last) = Run([.. args, "--json"]);
        Assert.True(code == ExitCode.Success, error);
        return JsonDocument.Parse(last).RootElement;
    }

    private string Ok(params string[] args)
    {
        (int code, string output, string error, _) = Run(args);
        Assert.True(code == ExitCode.Success, error);
        return output;
    }

    private (int Code, string Output, string Error, string LastLine) Run(params string[] args)
    {
        var streams = new Streams();
        int code = streams.Run([.. args, "--workspace", _tiny.Folder]);
        return (code, streams.Output, streams.Error, streams.LastLine);
    }
}
