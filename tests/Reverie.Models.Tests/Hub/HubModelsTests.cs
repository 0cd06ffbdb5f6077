using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Reverie.Tensors;
using Reverie.Training.Tests;
using Reply = Reverie.Training.Tests.LoopbackServer.Reply;

namespace Reverie.Models.Tests.Hub;

public sealed class HubModelsTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static readonly byte[] _weights = Bytes(300_000);

    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-hub").FullName;
    private readonly Dictionary<string, byte[]> _files = new()
    {
        ["config.json"] = "{}"u8.ToArray(),
        ["tokenizer.json"] = "{\"a\":1}"u8.ToArray(),
        ["tokenizer_config.json"] = "{}"u8.ToArray(),
        ["chat_template.jinja"] = "hello"u8.ToArray(),
        ["README.md"] = "read me"u8.ToArray(),
        ["pytorch_model.bin"] = Bytes(100),
        ["model.safetensors"] = _weights,
        ["small-q8_0.gguf"] = Bytes(5000),
        ["sub/other.gguf"] = Bytes(50),
    };

    private int _stopAfter = int.MaxValue;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_model_is_fetched_without_what_is_not_needed_and_found_again_without_a_network()
    {
        HubModel model;
        using (LoopbackServer server = Hub())
        {
            model = await Download(server, "hf:owner/name");
            int requests = server.Requests.Count;
            await Download(server, "hf:owner/name");
            Assert.Equal(requests + 1, server.Requests.Count);
            Assert.Equal("/api/models/owner/name/revision/main?blobs=true", server.Requests[0].Path);
        }

        Assert.Equal(Commit, model.Commit);
        Assert.Equal(["chat_template.jinja", "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"], Names(model.Path));
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine(model.Path, "model.safetensors")));
        using var offline = new HubModels(_folder, Options("http://127.0.0.1:9"));
        Assert.Equal(model, await offline.DownloadAsync(HubModelName.Parse("hf:owner/name"), cancel: TestContext.Current.CancellationToken));
        string message = (await Assert.ThrowsAsync<ReverieException>(() => offline.DownloadAsync(HubModelName.Parse("hf:owner/name@other")))).Message;
        Assert.Contains("http://127.0.0.1:9/api/models/owner/name/revision/other", message);
        Assert.Contains("by path instead", message);
    }

    [Fact]
    public async Task A_single_file_is_fetched_alone()
    {
        using LoopbackServer server = Hub();
        HubModel model = await Download(server, "hf:owner/name/sub/other.gguf@main");
        Assert.Equal(_files["sub/other.gguf"], File.ReadAllBytes(model.Path));
        Assert.EndsWith(Path.Combine(Commit, "sub", "other.gguf"), model.Path);
        Assert.Contains("small-q8_0.gguf, sub/other.gguf", (await Refused(server, "hf:owner/name/missing.gguf")).Message);
    }

    [Fact]
    public async Task Shards_are_those_that_the_list_names()
    {
        _files.Remove("model.safetensors");
        (_files["model-1.safetensors"], _files["model-2.safetensors"], _files["model-3.safetensors"]) = (Bytes(100), Bytes(200), Bytes(300));
        _files[ShardIndex.FileName] = """{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}"""u8.ToArray();
        using LoopbackServer server = Hub();
        HubModel model = await Download(server, "hf:owner/name");
        Assert.Equal(["model-1.safetensors", "model-2.safetensors", ShardIndex.FileName], Names(model.Path).Where(n => n.StartsWith("model", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("../x.safetensors")]
    [InlineData("model-9.safetensors")]
    public async Task A_list_of_shards_that_points_elsewhere_is_refused(string shard)
    {
        _files.Remove("model.safetensors");
        _files[ShardIndex.FileName] = Encoding.UTF8.GetBytes("{\"weight_map\":{\"a\":\"" + shard + "\"}}");
        using LoopbackServer server = Hub();
        Assert.Contains(shard, (await Refused(server, "hf:owner/name")).Message);
    }

    [Fact]
    public async Task A_broken_download_goes_on_where_it_stopped_and_nothing_half_done_looks_whole()
    {
        _stopAfter = 100_000;
        using LoopbackServer server = Hub();
        await Refused(server, "hf:owner/name");
        Assert.Empty(Directory.GetFiles(_folder, "model.safetensors", SearchOption.AllDirectories));
        _stopAfter = int.MaxValue;
        Assert.Equal(_weights, File.ReadAllBytes(Path.Combine((await Download(server, "hf:owner/name")).Path, "model.safetensors")));
        Assert.Equal([0, 100_000, 200_000], server.Requests.Where(r => r.Path.EndsWith("model.safetensors", StringComparison.Ordinal)).Select(r => r.Start).Where(s => s < 300_000).Distinct());
    }

    [Fact]
    public async Task A_file_that_is_not_what_the_list_says_is_refused_and_leaves_nothing()
    {
        using LoopbackServer server = Hub(damage: true);
        Assert.Contains(Hash(_weights), (await Refused(server, "hf:owner/name")).Message);
        Assert.Empty(Directory.GetFiles(_folder, "model.safetensors*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task An_adapter_is_fetched_with_its_settings()
    {
        foreach (string name in _files.Keys.Except(["README.md"]).ToArray()) _files.Remove(name);
        (_files["adapter_config.json"], _files["adapter_model.safetensors"]) = ("{}"u8.ToArray(), Bytes(70));
        using LoopbackServer server = Hub();
        Assert.Equal(["adapter_config.json", "adapter_model.safetensors"], Names((await Download(server, "hf:owner/name")).Path));
    }

    [Fact]
    public async Task What_cannot_be_read_is_told_with_what_can()
    {
        using LoopbackServer server = Hub();
        _files["tokenizer.model"] = Bytes(10);
        _files.Remove("tokenizer.json");
        Assert.Contains("tokenizer.model, which is not read", (await Refused(server, "hf:owner/name")).Message);
        _files.Remove("model.safetensors");
        Assert.Contains("hf:owner/name/small-q8_0.gguf", (await Refused(server, "hf:owner/name")).Message);
        _files.Remove("small-q8_0.gguf");
        _files.Remove("sub/other.gguf");
        Assert.Contains("PyTorch", (await Refused(server, "hf:owner/name")).Message);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("<html>")]
    [InlineData("""{"sha":"../..","siblings":[]}""")]
    [InlineData("""{"sha":"abc"}""")]
    [InlineData("""{"sha":"abc","siblings":[{"rfilename":7}]}""")]
    public async Task An_answer_that_is_no_list_is_refused(string answer)
    {
        using LoopbackServer server = new(_ => new Reply(200, Encoding.UTF8.GetBytes(answer)));
        Assert.Contains("HF_ENDPOINT", (await Refused(server, "hf:owner/name")).Message);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Names_in_a_list_do_not_choose_where_files_go()
    {
        _files["../../config.json"] = Bytes(10);
        using LoopbackServer server = Hub();
        await Download(server, "hf:owner/name");
        Assert.DoesNotContain(server.Requests, r => r.Path.Contains("..", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hf:owner/name", "owner/name", null, null)]
    [InlineData("hf:gpt2", "gpt2", null, null)]
    [InlineData("hf:owner/name@refs/pr/1", "owner/name", null, "refs/pr/1")]
    [InlineData("hf:Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", "Qwen/Qwen3-0.6B-GGUF", "Qwen3-0.6B-Q8_0.gguf", null)]
    [InlineData("hf:o/n/sub/f.gguf@v1", "o/n", "sub/f.gguf", "v1")]
    public void Names_are_read(string text, string name, string? file, string? revision)
    {
        var model = HubModelName.Parse(text);
        Assert.Equal(new HubModelName(name, file, revision), model);
        Assert.Equal(text, model.ToString());
    }

    [Theory]
    [InlineData("hf:")]
    [InlineData("hf:../x")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:a/../b/x.gguf")]
    [InlineData("hf:a/b@")]
    [InlineData("hf:a b")]
    public void Bad_names_are_refused(string text) => Assert.Contains("hf:OWNER/NAME", Assert.Throws<ReverieException>(() => HubModelName.Parse(text)).Message);

    private LoopbackServer Hub(bool damage = false) => new(request =>
    {
        if (request.Path.StartsWith("/api/", StringComparison.Ordinal)) return new Reply(200, List());
        string prefix = $"/owner/name/resolve/{Commit}/";
        if (!request.Path.StartsWith(prefix, StringComparison.Ordinal) || !_files.TryGetValue(request.Path[prefix.Length..], out byte[]? file)) return new Reply(404, []);
        if (damage) file = [.. file.Select(b => (byte)~b)];
        return Reply.File(request, file, "\"1\"") with { StopAfter = _stopAfter };
    });

    private byte[] List() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        sha = Commit,
        siblings = _files.Select(f => f.Value.Length > 90
            ? (object)new { rfilename = f.Key, size = f.Value.Length, lfs = new { sha256 = Hash(f.Value), size = f.Value.Length } }
            : new { rfilename = f.Key, size = f.Value.Length }),
    });

    private static HubOptions Options(string endpoint) => new() { Endpoint = endpoint, Token = null, Tries = 2, RetryDelay = TimeSpan.FromMilliseconds(1) };

    private async Task<HubModel> Download(LoopbackServer server, string name)
    {
        using var hub = new HubModels(_folder, Options(server.Address));
        return await hub.DownloadAsync(HubModelName.Parse(name));
    }

    private Task<ReverieException> Refused(LoopbackServer server, string name) => Assert.ThrowsAsync<ReverieException>(() => Download(server, name));

    private static string[] Names(string folder) => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    private static byte[] Bytes(int count)
    {
        byte[] bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }
}
