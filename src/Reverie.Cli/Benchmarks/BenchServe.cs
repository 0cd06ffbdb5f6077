using System.CommandLine;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Reverie.Chat;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Serving;
using Reverie.Tensors;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench serve</c>: a server under load, by real connections.</summary>
internal sealed class BenchServe : ReverieCommand
{
    private const int Context = 1024, Adapters = 16, ShortPrompt = 8, LongPrompt = 120;

    private readonly Terminal _terminal;

    /// <summary>Creates the command.</summary>
    public BenchServe(Terminal terminal) : base("serve", "A server under load: tokens a second of many streams against one and against the bare generator, the wait for the first token, adapters; or a soak.",
        "bench serve", "bench serve --streams 32 --tokens 256 --json", "bench serve --soak 10 --clients 64")
    {
        _terminal = terminal;
        var shape = new ShapeFlags(this, 256, 6, 4096);
        Option<string?> model = Option<string?>("--model", "A model, folder or .gguf file in place of random weights.", "MODEL");
        Option<int> streams = Within(Option("--streams", "Streams at once.", 32, "N"), 1, 1024);
        Option<int> tokens = Within(Option("--tokens", "Tokens of each answer.", 128, "N"), 2, Context / 2);
        Option<int> runs = Within(Option("--runs", "Runs to take the median of.", 3, "N"), 1, 100);
        Option<double> soak = Within(Option("--soak", "Minutes of clients that come, cancel and vanish at random, in place of the figures; 0 for none.", 0.0, "MINUTES"), 0, 1e5);
        Option<int> clients = Within(Option("--clients", "Clients of the soak.", 64, "N"), 1, 4096);
        Option<string?> workspace = WorkspaceOption();
        Option<int> threads = ThreadsOption();
        Option<bool> json = JsonOption();
        SetAction(parsed =>
        {
            string folder = Path.Combine(Path.GetTempPath(), $"reverie-bench-{Guid.NewGuid():N}");
            try
            {
                var place = new Workspace(folder);
                string path = parsed.GetValue(model) is { } name ? new Workspace(parsed.GetValue(workspace)).Resolve(name)
                    : ModelMaker.Make(place, "bench", shape.Read(parsed, Context), WeightType.F32, 1).Folder;
                var load = (parsed.GetValue(streams), parsed.GetValue(tokens), parsed.GetValue(runs), parsed.GetValue(soak), parsed.GetValue(clients), parsed.GetValue(threads));
                return RunAsync(place, path, load, parsed.GetValue(json)).GetAwaiter().GetResult();
            }
            finally
            {
                if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
            }
        });
    }

    private async Task<int> RunAsync(Workspace place, string path, (int Streams, int Tokens, int Runs, double Soak, int Clients, int Threads) what, bool json)
    {
        var options = new ModelCatalogOptions { Default = path, Threads = what.Threads, Adapters = await Task.Run(() => SaveAdapters(place, path)).ConfigureAwait(false) };
        await using var catalog = new ModelCatalog(place, options);
        await using WebApplication server = ReverieServer.Build(new ServerOptions { Port = 0 }, catalog, new UserStore(place));
        await server.StartAsync().ConfigureAwait(false);
        string url = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        using ModelLease lease = await catalog.OpenAsync(null).ConfigureAwait(false);
        using var load = new ServeLoad(url, lease.Model.Tokenizer.StopTokens);
        TextWriter log = json ? _terminal.Error : _terminal.Output;
        await load.RunAsync([.. Enumerable.Range(0, what.Streams).Select(i => load.Body("warm", 32, i))]).ConfigureAwait(false);
        if (what.Soak > 0) return Report(await ServeSoak.RunAsync(load, lease.Model, url, what.Clients, TimeSpan.FromMinutes(what.Soak), _terminal.Error).ConfigureAwait(false), log, json);

        // The adapters are read at their first use.
        await load.RunAsync(Bodies(load, Adapters, 2, 0, path)).ConfigureAwait(false);
        double[] bares = new double[what.Runs], https = new double[what.Runs], ones = new double[what.Runs], adapteds = new double[what.Runs];
        for (int run = 0; run < what.Runs; run++)
        {
            bares[run] = await Task.Run(() => Bare(path, lease.Model, what.Streams, what.Tokens, what.Threads, run)).ConfigureAwait(false);
            https[run] = await load.RunAsync(Bodies(load, what.Streams, what.Tokens, run)).ConfigureAwait(false);
            ones[run] = await load.RunAsync(Bodies(load, 1, what.Tokens, run)).ConfigureAwait(false);
            adapteds[run] = await load.RunAsync(Bodies(load, what.Streams, what.Tokens, run, path)).ConfigureAwait(false);
        }

        (double bare, double http, double one, double adapted) = (Median(bares), Median(https), Median(ones), Median(adapteds));

        double[] firsts = await FirstsAsync(load, what.Streams, what.Tokens).ConfigureAwait(false);
        double perConversation = await IdleBytesAsync(load).ConfigureAwait(false);
        double many = what.Streams * what.Tokens / http, alone = what.Tokens / one;
        var figures = new
        {
            what.Streams,
            what.Tokens,
            TokensPerSecond = Math.Round(many, 1),
            OneTokensPerSecond = Math.Round(alone, 1),
            Speedup = Math.Round(many / alone, 2),
            BareTokensPerSecond = Math.Round(what.Streams * what.Tokens / bare, 1),
            OverheadPercent = Math.Round(((http / bare) - 1) * 100, 1),
            FirstTokenP50Seconds = Math.Round(firsts[firsts.Length / 2], 4),
            FirstTokenP95Seconds = Math.Round(firsts[(int)(firsts.Length * 0.95)], 4),
            AdaptersThroughput = Math.Round(http / adapted, 3),
            IdleConversationBytes = Math.Round(perConversation),
            PeakBytes = Machine.PeakBytes(),
        };
        Machine.Print(log,
            ($"{what.Streams} streams", $"{Figures.Whole(figures.TokensPerSecond)} tokens/s, {Figures.ThreeDigits(figures.Speedup)} times one ({Figures.Whole(figures.OneTokensPerSecond)} tokens/s)"),
            ("bare generator", $"{Figures.Whole(figures.BareTokensPerSecond)} tokens/s; HTTP and its clients, in this process too, take {figures.OverheadPercent} % more a token"),
            ("first token", $"{figures.FirstTokenP50Seconds:F3} s p50, {figures.FirstTokenP95Seconds:F3} s p95, prompts of {ShortPrompt} to {LongPrompt} words, {what.Streams} streams all the time"),
            ($"{Adapters} adapters", $"{figures.AdaptersThroughput:F2} of the throughput without"),
            ("idle conversation", $"{Figures.Bytes((long)figures.IdleConversationBytes)} of managed memory"));
        if (json) JsonResult.Write(_terminal.Output, figures);
        return ExitCode.Success;
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values[values.Length / 2];
    }

    private int Report(ServeSoak.Result its, TextWriter log, bool json)
    {
        Machine.Print(log,
            ("requests", $"{its.Requests}: {its.Whole} whole, {its.Left} cancelled or vanished, {its.Errors} errors"),
            ("stuck", $"{its.Stuck}"),
            ("managed memory", $"{Figures.Bytes(its.ManagedBefore)} after a tenth of the time, {Figures.Bytes(its.ManagedAfter)} at the end"),
            ("working set", $"{Figures.Bytes(its.WorkingBefore)} after a tenth of the time, {Figures.Bytes(its.WorkingAfter)} at the end"));
        if (json) JsonResult.Write(_terminal.Output, its);
        return its is { Errors: 0, Stuck: 0 } ? ExitCode.Success : ExitCode.Failure;
    }

    private static Dictionary<string, string> SaveAdapters(Workspace place, string path)
    {
        using var checkpoint = Checkpoint.Load(path);
        var folders = new Dictionary<string, string>();
        for (int i = 0; i < Adapters; i++)
        {
            using var adapter = new Adapter(checkpoint.Transformer, rank: 8, alpha: 16, seed: (ulong)i);
            folders[$"a{i}"] = Path.Combine(place.Root, "bench-adapters", $"a{i}");
            adapter.Save(folders[$"a{i}"], new Lineage { Name = $"a{i}", Version = "1", Parent = checkpoint.Lineage?.Id, Stages = [] });
        }

        return folders;
    }

    private static string[] Bodies(ServeLoad load, int streams, int tokens, int run, string? model = null) =>
        [.. Enumerable.Range(0, streams).Select(i => load.Body(ServeLoad.Prompt(ShortPrompt, (run * streams) + i), tokens, i, model is null ? null : ModelCatalog.NameOf(model, $"a{i % Adapters}")))];

    /// <summary>The same requests without server, connections and engine: seconds until all have ended.</summary>
    private static double Bare(string path, ChatModel model, int streams, int tokens, int threads, int run)
    {
        using var checkpoint = Checkpoint.Load(path);
        using IKernels kernels = CpuKernels.Create(threads);
        using var generator = new Generator(checkpoint.Transformer, checkpoint.Tokenizer, kernels, new GeneratorOptions());
        Dictionary<int, float> bias = checkpoint.Tokenizer.StopTokens.ToDictionary(t => t, _ => -100f);
        GenerationRequest[] Requests(int from, int length) => [.. Enumerable.Range(0, streams).Select(i => new GenerationRequest(
            model.Render([new ChatMessage(ChatRole.User, ServeLoad.Prompt(ShortPrompt, from + i))]),
            model.Defaults with { Temperature = 0, Seed = (ulong)i, MaxTokens = length, LogitBias = bias }) { OnText = static _ => { } })];

        // The server is warm, so this must be: weights and cache are touched, the code is compiled.
        generator.RunToEnd(Requests(1 << 20, tokens));
        GenerationRequest[] requests = Requests(run * streams, tokens);
        long began = Stopwatch.GetTimestamp();
        generator.RunToEnd(requests);
        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static async Task<double[]> FirstsAsync(ServeLoad load, int streams, int tokens)
    {
        const int rounds = 4;
        double[][] firsts = await Task.WhenAll(Enumerable.Range(0, streams).Select(async stream =>
        {
            double[] its = new double[rounds];
            var random = new Random(stream);
            for (int i = 0; i < rounds; i++)
            {
                // Answers of all lengths, so that requests come one by one.
                string body = load.Body(ServeLoad.Prompt(random.Next(ShortPrompt, LongPrompt), random.Next()), random.Next(tokens / 4, tokens), i);
                its[i] = (await load.StreamAsync(body).ConfigureAwait(false)).FirstSeconds;
            }

            return its[1..];
        })).ConfigureAwait(false);
        return [.. firsts.SelectMany(f => f).Order()];
    }

    /// <summary>Managed memory that stays of each conversation that has had its answer; keys and values stay in the cache's own, bounded memory.</summary>
    private static async Task<double> IdleBytesAsync(ServeLoad load)
    {
        const int conversations = 512, atOnce = 32;
        await AllAsync().ConfigureAwait(false);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        await AllAsync().ConfigureAwait(false);
        return Math.Max(0, (double)(GC.GetTotalMemory(forceFullCollection: true) - before) / conversations);

        async Task AllAsync()
        {
            for (int i = 0; i < conversations; i += atOnce) await load.RunAsync([.. Enumerable.Range(i, atOnce).Select(n => load.Body(ServeLoad.Prompt(ShortPrompt, n), 2, n))]).ConfigureAwait(false);
        }
    }
}
