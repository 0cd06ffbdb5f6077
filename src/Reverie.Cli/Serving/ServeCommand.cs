using System.CommandLine;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Reverie.Chat;
using Reverie.Cli.Commands;
using Reverie.Models;
using Reverie.Serving;
using Reverie.Sleep;
using Reverie.Tensors;
using Reverie.Web;

namespace Reverie.Cli.Serving;

/// <summary><c>reverie serve</c>: models for programs and people, by HTTP.</summary>
internal sealed class ServeCommand : ReverieCommand
{
    private const string PasswordVariable = "REVERIE_CERTIFICATE_PASSWORD";

    private readonly Terminal _terminal;
    private readonly Argument<string?> _model = new("MODEL") { Description = "Name, name@version, folder or .gguf file that answers where a request names no model. [default: the model made last]", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _host, _quantize;
    private readonly Option<int> _port, _concurrent, _maxWaiting, _maxModels, _threads, _drain;
    private readonly Option<double> _cache, _maxRequest;
    private readonly Option<string[]> _adapters, _hosts, _origins, _mcp;
    private readonly Option<string?> _certificate, _workspace, _journal, _sleep;
    private readonly Option<bool> _json, _noPage, _open, _storesApi;

    /// <summary>Creates the command.</summary>
    public ServeCommand(Terminal terminal) : base("serve",
        "Serve the models of a workspace by the interfaces of OpenAI and Anthropic. Ctrl+C lets replies end, twice ends at once.",
        "serve", "serve reverie --port 8000 --adapter friendly=adapters/friendly", "serve --host 0.0.0.0 --certificate server.pfx")
    {
        _terminal = terminal;
        Arguments.Add(_model);
        _host = Option("--host", "Address to listen at; 0.0.0.0 for all, which needs a key: see \"reverie keys\".", "127.0.0.1", "ADDRESS");
        _port = Within(Option("--port", "Port; 0 for any that is free.", 8080, "N"), 0, 65535);
        _adapters = Option<string[]>("--adapter", "A LoRA adapter in PEFT's layout, to be asked for as MODEL+NAME. May be repeated.", "NAME=FOLDER");
        _quantize = Option("--quantize", "Keep the weights in memory as q8_0 or bf16; none takes them as they are.", "none", "TYPE");
        _quantize.AcceptOnlyFromAmong(ModelFlags.Precisions);
        _concurrent = Within(Option("--concurrent", "Replies at once for each model; more wait.", new GeneratorOptions().MaxConcurrent, "N"), 1, 4096);
        _maxWaiting = Within(Option("--max-waiting", "Requests that run or wait for each model; more are sent away with 429.", new ChatModelOptions().MaxPending, "N"), 1, 1 << 20);
        _cache = Within(Option("--cache", "Most memory for keys and values of each model, in GB.", (double)new GeneratorOptions().CacheBytes / (1L << 30), "GB"), 0.001, 1 << 14);
        _maxModels = Within(Option("--max-models", "Models in memory at once.", new ModelCatalogOptions().MaxLoaded, "N"), 1, 1024);
        _maxRequest = Within(Option("--max-request", "Most megabytes of a request.", (double)new ServerOptions().MaxRequestBytes / (1 << 20), "MB"), 0.001, 1024);
        _hosts = Option<string[]>("--allow-host", "A further name by which clients may call this server. May be repeated.", "NAME");
        _origins = Option<string[]>("--allow-origin", "A web site whose pages may call the API from a browser. May be repeated.", "URL");
        _certificate = Option<string?>("--certificate", $"A PFX file: the server then speaks HTTPS. Its password is read from {PasswordVariable}.", "FILE");
        _journal = Option<string?>("--journal", "Where conversations are kept: a file, or the connection string of a PostgreSQL database. [default: REVERIE_JOURNAL, or a file in the workspace]", "PLACE");
        _storesApi = Option<bool>("--journal-api", "Keep conversations of the API too where a request does not say \"store\".");
        _mcp = Option<string[]>("--mcp", "Tools for chats on the page: the command or the URL of an MCP server. May be repeated.", "COMMAND|URL");
        _sleep = Option<string?>("--sleep", "Sleep at this time of the day, for the company and for all users who agreed to it, on half of the cores. [default: only when somebody asks on the page]", "HH:MM");
        _sleep.Validators.Add(result =>
        {
            if (result.GetValue(_sleep) is { } time && TimeOf(time) is null) result.AddError($"--sleep takes a time of the day from 00:00 to 23:59, not {time}.");
        });
        _noPage = Option<bool>("--no-page", "Serve the API only.");
        _open = Option<bool>("--open", "Open the page in the browser.");
        _drain = Within(Option("--drain", "Seconds that replies may go on after Ctrl+C.", 10, "S"), 0, 3600);
        _threads = ThreadsOption();
        _workspace = WorkspaceOption();
        _json = Option<bool>("--json", "Print one JSON object when the server listens; everything else goes to standard error.");

        // As an asynchronous action it would be ended two seconds after Ctrl+C, in the middle of replies.
        SetAction(parsed => RunAsync(parsed).GetAwaiter().GetResult());
    }

    private async Task<int> RunAsync(ParseResult parsed)
    {
        var workspace = new Workspace(parsed.GetValue(_workspace));
        string? model = parsed.GetValue(_model);
        if (model is not null) workspace.Resolve(model);
        var users = new UserStore(workspace);
        ServerOptions options = ReadServer(parsed);
        await using var catalog = new ModelCatalog(workspace, ReadCatalog(parsed, model));
        await using IJournal journal = await JournalStore.OpenAsync(workspace, parsed.GetValue(_journal), _terminal.Error.WriteLine).ConfigureAwait(false);
        await using McpTools tools = await McpTools.ConnectAsync(parsed.GetValue(_mcp) ?? []).ConfigureAwait(false);
        bool hasPage = !parsed.GetValue(_noPage);
        await using WebApplication server = ReverieServer.Build(options, catalog, users, journal,
            builder =>
            {
                builder.Services.AddNights(workspace, users, TimeOf(parsed.GetValue(_sleep)));
                if (hasPage) AddPage(builder, workspace, users, tools);
            },
            hasPage ? app => app.MapPages() : null);
        using var interruption = new Interruption(() => _terminal.Error.WriteLine("Ending; Ctrl+C again ends at once."));
        await StartAsync(server, options).ConfigureAwait(false);
        string url = server.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        string warm = await WarmAsync(catalog, interruption.Token).ConfigureAwait(false);
        Welcome(parsed, options, users, url, warm, hasPage);
        if (hasPage && parsed.GetValue(_open)) Browse(url);
        await Task.Delay(Timeout.Infinite, interruption.Token).ContinueWith(static _ => { }, TaskScheduler.Default).ConfigureAwait(false);
        await server.StopAsync(CancellationToken.None).ConfigureAwait(false);
        return ExitCode.Success;
    }

    private ServerOptions ReadServer(ParseResult parsed) => new()
    {
        Host = parsed.GetValue(_host)!,
        Port = parsed.GetValue(_port),
        Certificate = parsed.GetValue(_certificate),
        CertificatePassword = Environment.GetEnvironmentVariable(PasswordVariable),
        AllowedHosts = parsed.GetValue(_hosts) ?? [],
        AllowedOrigins = parsed.GetValue(_origins) ?? [],
        MaxRequestBytes = (long)(parsed.GetValue(_maxRequest) * (1 << 20)),
        StoresByDefault = parsed.GetValue(_storesApi),
        DrainTime = TimeSpan.FromSeconds(parsed.GetValue(_drain)),
    };

    private ModelCatalogOptions ReadCatalog(ParseResult parsed, string? model) => new()
    {
        Default = model,
        Threads = parsed.GetValue(_threads),
        MaxLoaded = parsed.GetValue(_maxModels),
        Adapters = Adapters(parsed.GetValue(_adapters) ?? []),
        Model = new ChatModelOptions
        {
            Precision = ModelFlags.PrecisionOf(parsed.GetValue(_quantize)!),
            MaxPending = parsed.GetValue(_maxWaiting),
            Generator = new GeneratorOptions { MaxConcurrent = parsed.GetValue(_concurrent), CacheBytes = (long)(parsed.GetValue(_cache) * (1L << 30)) },
        },
    };

    private static Dictionary<string, string> Adapters(string[] given)
    {
        var adapters = new Dictionary<string, string>();
        foreach (string adapter in given)
        {
            int at = adapter.IndexOf('=', StringComparison.Ordinal);
            if (at < 1 || at == adapter.Length - 1) throw new ReverieException($"--adapter takes NAME=FOLDER, not \"{adapter}\".");
            if (!File.Exists(Path.Combine(adapter[(at + 1)..], Adapter.ConfigFileName))) throw new ReverieException($"There is no adapter in {adapter[(at + 1)..]}: it has no {Adapter.ConfigFileName}.");
            adapters[adapter[..at]] = adapter[(at + 1)..];
        }

        return adapters;
    }

    private static async Task StartAsync(WebApplication server, ServerOptions options)
    {
        try
        {
            await server.StartAsync().ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            throw new ReverieException($"Cannot listen at {options.Host} port {options.Port}: {exception.Message.TrimEnd('.')}. Choose another port with --port.", exception);
        }
    }

    /// <summary>Loads the model and runs it once, so that the first visitor does not wait for it.</summary>
    private static async Task<string> WarmAsync(ModelCatalog catalog, CancellationToken cancel)
    {
        if (catalog.Default is null) return "no model yet: make one with \"reverie raise\"";
        using ModelLease lease = await catalog.OpenAsync(null, cancel: cancel).ConfigureAwait(false);
        await foreach (ChatEvent _ in lease.Model.ContinueAsync([0], new Microsoft.Extensions.AI.ChatOptions { MaxOutputTokens = 2 }, cancel: cancel).ConfigureAwait(false))
        {
            // Only to have it done.
        }

        return $"{lease.Model.Id}, {Figures.Short(lease.Model.Transformer.Config.ParameterCount)} parameters, context {lease.Model.ContextLength}";
    }

    private static void AddPage(WebApplicationBuilder builder, Workspace workspace, UserStore users, McpTools tools)
    {
        builder.Services.AddSingleton<IPageModels, CatalogModels>();
        builder.Services.AddPages(new PageOptions
        {
            Workspace = workspace.Root,
            FindUser = key => users.FindByKey(key)?.Id,
            RequiresKey = () => users.RequiresKey,
            Tools = tools.Tools,
        });
    }

    private static TimeOnly? TimeOf(string? text) =>
        TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.None, out TimeOnly time) ? time : null;

    private static void Browse(string url)
    {
        try
        {
            using var _ = Process.Start(new ProcessStartInfo(url) { UseShellExecute = true });
        }
        catch (Exception exception) when (exception is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // There is no browser here; the address was printed.
        }
    }

    private void Welcome(ParseResult parsed, ServerOptions options, UserStore users, string url, string model, bool hasPage)
    {
        if (!options.IsLoopback && options.Certificate is null)
            _terminal.Error.WriteLine("Keys and conversations go over the network unencrypted. Give --certificate FILE.pfx, or put a proxy with HTTPS before it.");
        if (parsed.GetValue(_json))
        {
            JsonResult.Write(_terminal.Output, new { Url = url, Model = model, NeedsKey = users.RequiresKey });
            return;
        }

        string key = users.RequiresKey ? " -H \"Authorization: Bearer $REVERIE_KEY\"" : "";
        TextWriter output = _terminal.Messages;
        output.WriteLine($"Reverie serves {model}.");
        if (hasPage) output.WriteLine($"  chat page             {url}");
        output.WriteLine($"  OpenAI's clients      base URL {url}/v1");
        output.WriteLine($"  Anthropic's clients   base URL {url}");
        output.WriteLine($"  the API, to try       {url}/docs");
        output.WriteLine($"  keys                  {(users.RequiresKey ? "needed, also on this machine: there are keys in the workspace" : "none needed on this machine; \"reverie keys add USER\" makes one, and then all need one")}");
        output.WriteLine($"  try                   curl {url}/v1/chat/completions{key} -H \"Content-Type: application/json\" -d '{{\"messages\":[{{\"role\":\"user\",\"content\":\"Hello!\"}}]}}'");
        if (TimeOf(parsed.GetValue(_sleep)) is { } time) output.WriteLine($"  sleeps                at {time:HH:mm}, for all who agreed to it");
        output.WriteLine("Ctrl+C ends it.");
        output.Flush();
    }
}
