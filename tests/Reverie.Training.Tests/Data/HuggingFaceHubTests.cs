using System.Security.Cryptography;
using System.Text;
using Parquet;
using Parquet.Schema;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;
using Reply = Reverie.Training.Tests.LoopbackServer.Reply;
using Request = Reverie.Training.Tests.LoopbackServer.Request;

namespace Reverie.Training.Tests;

public class HuggingFaceHubTests
{
    private static readonly byte[] _file = RandomNumberBytes(300_000);
    private static readonly string _sha256 = Convert.ToHexStringLower(SHA256.HashData(_file));

    [Fact]
    public async Task A_data_set_is_fetched_once_and_then_needs_no_network()
    {
        using var folder = new TemporaryFolder();
        var reports = new List<HubProgress>();
        string[] files;
        using (LoopbackServer server = Hub(r => Reply.File(r, _file, "\"1\"")))
        {
            files = await Download(folder, server, "hf:owner/name", progress: new Recorder(reports));
            Assert.Equal(3, server.Requests.Count);
            await Download(folder, server, "hf:owner/name");
            Assert.Equal(3, server.Requests.Count);
        }

        Assert.Equal(_file, File.ReadAllBytes(Assert.Single(files)));
        Assert.Equal(new HubProgress(1, 1, _file.Length, _file.Length), reports[^1]);
        Assert.Equal(["00000.parquet", "files.json"], Directory.GetFiles(Path.GetDirectoryName(files[0])!).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
        using var offline = new HuggingFaceHub(folder.Path, Options("http://127.0.0.1:9"));
        Assert.Equal(files, await offline.DownloadAsync(HubDatasetName.Parse("hf:owner/name"), cancel: TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_download_goes_on_where_it_stopped(bool linked)
    {
        using var folder = new TemporaryFolder();
        int tries = 0;
        using LoopbackServer server = Hub(r => Reply.File(r, _file, "\"1\"") with { StopAfter = ++tries <= 2 ? 70_000 : int.MaxValue }, linked);
        string[] files = await Download(folder, server, "hf:owner/name");
        Assert.Equal(_file, File.ReadAllBytes(files[0]));
        Assert.Equal([0, 70_000, 140_000], Starts(server));
    }

    [Fact]
    public async Task A_later_run_goes_on_where_a_failed_one_stopped_and_nothing_half_done_looks_whole()
    {
        using var folder = new TemporaryFolder();
        int stopAfter = 50_000;
        using LoopbackServer server = Hub(r => Reply.File(r, _file, "\"1\"") with { StopAfter = stopAfter });
        var failed = await Assert.ThrowsAsync<ReverieException>(() => Download(folder, server, "hf:owner/name"));
        Assert.Contains("tried 3 times", failed.Message);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.parquet", SearchOption.AllDirectories));
        stopAfter = int.MaxValue;
        string[] files = await Download(folder, server, "hf:owner/name");
        Assert.Equal(_file, File.ReadAllBytes(files[0]));
        Assert.Equal([0, 50_000, 100_000, 150_000], Starts(server));
    }

    [Fact]
    public async Task A_large_file_may_break_off_more_often_than_there_are_tries()
    {
        using var folder = new TemporaryFolder();
        byte[] large = new byte[6 << 20];
        using LoopbackServer server = Hub(r => Reply.File(r, large, "\"1\"") with { StopAfter = (1 << 20) + 1 }, linked: false);
        Assert.Equal(large, File.ReadAllBytes((await Download(folder, server, "hf:owner/name"))[0]));
        Assert.Equal(6, Starts(server).Length);
    }

    [Fact]
    public async Task A_file_that_changed_on_the_server_is_fetched_from_the_start()
    {
        using var folder = new TemporaryFolder();
        byte[] other = RandomNumberBytes(200_000);
        int tries = 0;
        using LoopbackServer server = Hub(r => ++tries == 1 ? Reply.File(r, _file, "\"1\"") with { StopAfter = 70_000 } : Reply.File(r, other, "\"2\""), linked: false);
        string[] files = await Download(folder, server, "hf:owner/name");
        Assert.Equal(other, File.ReadAllBytes(files[0]));
        Assert.Equal([0, 70_000, 0], Starts(server));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_again()
    {
        using var folder = new TemporaryFolder();
        int tries = 0;
        using LoopbackServer server = Hub(_ => new Reply(200, _file, ("ETag", "\"1\"")) { StopAfter = ++tries == 1 ? 70_000 : int.MaxValue });
        Assert.Equal(_file, File.ReadAllBytes((await Download(folder, server, "hf:owner/name"))[0]));
    }

    [Fact]
    public async Task A_download_stopped_between_its_last_byte_and_the_check_is_only_checked()
    {
        using var folder = new TemporaryFolder();
        using LoopbackServer server = Hub(r => Reply.File(r, _file, "\"1\"") with { StopAfter = 1000 });
        await Assert.ThrowsAsync<ReverieException>(() => Download(folder, server, "hf:owner/name"));
        File.WriteAllBytes(Directory.GetFiles(folder.Path, "*.part", SearchOption.AllDirectories).Single(), _file);
        Assert.Equal(_file, File.ReadAllBytes((await Download(folder, server, "hf:owner/name"))[0]));
    }

    [Fact]
    public async Task A_wrong_checksum_is_refused_and_leaves_nothing()
    {
        using var folder = new TemporaryFolder();
        byte[] wrong = [.. _file];
        wrong[1234] ^= 1;
        using LoopbackServer server = Hub(r => Reply.File(r, wrong, "\"1\""));
        Assert.Contains(_sha256, (await Assert.ThrowsAsync<ReverieException>(() => Download(folder, server, "hf:owner/name"))).Message);
        Assert.Empty(Directory.GetFiles(folder.Path, "*.par*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_cancelled_download_can_go_on()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        using LoopbackServer server = Hub(r =>
        {
            if (r.Start == 0) cancel.Cancel();
            return Reply.File(r, _file, "\"1\"");
        });
        using (HuggingFaceHub hub = new(folder.Path, Options(server.Address)))
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hub.DownloadAsync(HubDatasetName.Parse("hf:owner/name"), cancel: cancel.Token));
        Assert.Empty(Directory.GetFiles(folder.Path, "*.parquet", SearchOption.AllDirectories));
        Assert.Equal(_file, File.ReadAllBytes((await Download(folder, server, "hf:owner/name"))[0]));
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_what_will_not_is_told_at_once()
    {
        using var folder = new TemporaryFolder();
        int tries = 0, status = 503;
        using LoopbackServer server = new(_ => ++tries < 3 ? new Reply(status, []) : new Reply(404, []));
        Task<string[]> Run() => Download(folder, server, "hf:owner/missing");
        Assert.Contains("owner/missing", (await Assert.ThrowsAsync<ReverieException>(Run)).Message);
        Assert.Equal(3, tries);
        Assert.Contains("404", (await Assert.ThrowsAsync<ReverieException>(Run)).Message);
        Assert.Equal(4, tries);
        (tries, status) = (0, 401);
        Assert.Contains("HF_TOKEN", (await Assert.ThrowsAsync<ReverieException>(Run)).Message);
        Assert.Equal(1, tries);
    }

    [Fact]
    public async Task Without_a_network_the_message_says_what_was_tried_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        using var hub = new HuggingFaceHub(folder.Path, Options("http://127.0.0.1:9"));
        string message = (await Assert.ThrowsAsync<ReverieException>(() => FileCorpus.OpenAsync("hf:owner/name", hub))).Message;
        Assert.Contains("http://127.0.0.1:9/api/datasets/owner/name/parquet", message);
        Assert.Contains("by path", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_silent_server_is_given_up()
    {
        using var folder = new TemporaryFolder();
        using LoopbackServer server = new(_ =>
        {
            Thread.Sleep(400);
            return new Reply(200, []);
        });
        using var hub = new HuggingFaceHub(folder.Path, Options(server.Address) with { Silence = TimeSpan.FromMilliseconds(50), Tries = 1 });
        Assert.Contains("no answer", (await Assert.ThrowsAsync<ReverieException>(() => FileCorpus.OpenAsync("hf:owner/name", hub))).Message);
    }

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_nobody_else()
    {
        using var folder = new TemporaryFolder();
        // Another name of this machine stands for another host.
        using LoopbackServer elsewhere = new(r => Reply.File(r, _file, "\"1\""));
        using LoopbackServer server = Hub(_ => new Reply(302, [], ("Location", elsewhere.Address.Replace("127.0.0.1", "localhost") + "/blob"), ("X-Linked-Etag", $"\"{_sha256}\""), ("X-Linked-Size", $"{_file.Length}")));
        using var hub = new HuggingFaceHub(folder.Path, Options(server.Address) with { Token = "secret" });
        await hub.DownloadAsync(HubDatasetName.Parse("hf:owner/name"), cancel: TestContext.Current.CancellationToken);
        Assert.All(server.Requests, r => Assert.Equal("Bearer secret", r.Headers["Authorization"]));
        Assert.False(Assert.Single(elsewhere.Requests).Headers.ContainsKey("Authorization"));
    }

    [Theory]
    [InlineData("{\"a\":{\"train\":[\"U\"]},\"b\":{\"train\":[\"U\"]}}", "hf:o/n", "configurations a, b")]
    [InlineData("{\"a\":{\"train\":[\"U\"]}}", "hf:o/n:c", "configurations a")]
    [InlineData("{\"default\":{\"x\":[\"U\"],\"y\":[\"U\"]}}", "hf:o/n", "splits x, y")]
    [InlineData("{\"default\":{\"train\":[\"U\"]}}", "hf:o/n@test", "splits train")]
    [InlineData("{\"default\":{\"train\":[]}}", "hf:o/n", "splits train")]
    [InlineData("{}", "hf:o/n", "no Parquet")]
    [InlineData("{\"default\":{\"train\":[\"file:///etc/passwd\"]}}", "hf:o/n", "no Parquet")]
    [InlineData("{\"default\":null}", "hf:o/n", "no Parquet")]
    [InlineData("[1]", "hf:o/n", "not a list of files")]
    [InlineData("<html>", "hf:o/n", "not a list of files")]
    public async Task What_the_hub_does_not_have_is_told_with_what_it_has(string index, string name, string expected)
    {
        using var folder = new TemporaryFolder();
        using LoopbackServer server = new(_ => new Reply(200, Encoding.UTF8.GetBytes(index.Replace("\"U\"", "\"http://127.0.0.1:9/x\""))));
        Assert.Contains(expected, (await Assert.ThrowsAsync<ReverieException>(() => Download(folder, server, name))).Message);
    }

    [Fact]
    public async Task Parquet_from_the_hub_is_a_corpus_up_to_the_limit()
    {
        using var folder = new TemporaryFolder();
        var schema = new ParquetSchema(new DataField<string>("text"));
        using var memory = new MemoryStream();
        await using (ParquetWriter writer = await ParquetWriter.CreateAsync(schema, memory))
        {
            using ParquetRowGroupWriter rows = writer.CreateRowGroup();
            await rows.WriteAsync(schema.DataFields[0], ["one", "two"]);
        }

        byte[] file = memory.ToArray();
        string address = "";
        using LoopbackServer server = new(r => r.Path.StartsWith("/api", StringComparison.Ordinal)
            ? new Reply(200, Encoding.UTF8.GetBytes("""{"main":{"train":["U/0","U/1","U/2"],"../../x":[]}}""".Replace("U", address)))
            : Reply.File(r, file, "\"1\""));
        address = server.Address;
        using var hub = new HuggingFaceHub(folder.Path, Options(server.Address));
        FileCorpus corpus = await FileCorpus.OpenAsync("hf:owner/name", hub, maximumBytes: file.Length + 1);
        Assert.Equal("name", corpus.Name);
        Assert.Equal(2, corpus.Files.Count);
        Assert.Equal(4, corpus.Documents(Split.Train, 1).Count() + corpus.Documents(Split.HeldOut, 1).Count());
    }

    [Theory]
    [InlineData("hf:owner/name", "owner/name", null, null)]
    [InlineData("hf:squad", "squad", null, null)]
    [InlineData("hf:openai/gsm8k:main@test", "openai/gsm8k", "main", "test")]
    [InlineData("hf:o/n.v1@train", "o/n.v1", null, "train")]
    public void Names_are_read(string text, string name, string? config, string? split)
    {
        var dataset = HubDatasetName.Parse(text);
        Assert.Equal(new HubDatasetName(name, config, split), dataset);
        Assert.Equal(text, dataset.ToString());
        Assert.Equal(Path.GetFileName(dataset.ShortName), dataset.ShortName);
    }

    [Theory]
    [InlineData("hf:")]
    [InlineData("hf:../x")]
    [InlineData("hf:a/b/c")]
    [InlineData("hf:a/b:")]
    [InlineData("hf:a/b@x/y")]
    [InlineData("hf:a b")]
    public void Bad_names_are_refused(string text) => Assert.Contains("hf:OWNER/NAME", Refusal.Of(() => HubDatasetName.Parse(text)));

    private static LoopbackServer Hub(Func<Request, Reply> file, bool linked = true)
    {
        string address = "";
        // As on the hub: the list names an address that redirects to the one with the file.
        var server = new LoopbackServer(request => request.Path switch
        {
            "/api/datasets/owner/name/parquet" => new Reply(200, Encoding.UTF8.GetBytes("""{"default":{"train":["U/resolve/0.parquet"]}}""".Replace("U", address))),
            "/resolve/0.parquet" => linked
                ? new Reply(302, [], ("Location", "/blob"), ("X-Linked-Etag", $"\"{_sha256}\""), ("X-Linked-Size", $"{_file.Length}"))
                : new Reply(302, [], ("Location", "/blob")),
            _ => file(request),
        });
        address = server.Address;
        return server;
    }

    private static int[] Starts(LoopbackServer server) => [.. server.Requests.Where(r => r.Path == "/blob").Select(r => r.Start)];

    private static HubOptions Options(string endpoint) => new() { Endpoint = endpoint, Token = null, Tries = 3, RetryDelay = TimeSpan.FromMilliseconds(1) };

    private static async Task<string[]> Download(TemporaryFolder folder, LoopbackServer server, string name, IProgress<HubProgress>? progress = null)
    {
        using var hub = new HuggingFaceHub(folder.Path, Options(server.Address));
        return [.. await hub.DownloadAsync(HubDatasetName.Parse(name), progress: progress)];
    }

    private static byte[] RandomNumberBytes(int count)
    {
        var random = new RandomStream((ulong)count, "file");
        return [.. Enumerable.Range(0, count).Select(_ => (byte)random.Next(256))];
    }

    private sealed class Recorder(List<HubProgress> reports) : IProgress<HubProgress>
    {
        public void Report(HubProgress value) => reports.Add(value);
    }
}
