using Microsoft.Extensions.AI;
using ModelContextProtocol.Client;
using Reverie.Tensors;

namespace Reverie.Serving;

/// <summary>The tools of MCP servers, for models to call.</summary>
public sealed class McpTools : IAsyncDisposable
{
    private readonly List<McpClient> _clients = [];
    private readonly List<AITool> _tools = [];

    private McpTools()
    {
    }

    /// <summary>The tools of all servers.</summary>
    public IReadOnlyList<AITool> Tools => _tools;

    /// <summary>Connects to servers and asks for their tools.</summary>
    /// <param name="servers">Each a URL, or a command with its arguments behind spaces.</param>
    /// <exception cref="ReverieException">One of them cannot be reached.</exception>
    public static async Task<McpTools> ConnectAsync(IEnumerable<string> servers)
    {
        var all = new McpTools();
        foreach (string server in servers)
        {
            try
            {
                McpClient client = await McpClient.CreateAsync(TransportOf(server)).ConfigureAwait(false);
                all._clients.Add(client);
                all._tools.AddRange(await client.ListToolsAsync().ConfigureAwait(false));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                await all.DisposeAsync().ConfigureAwait(false);
                throw new ReverieException($"Cannot use the MCP server \"{server}\": {exception.Message.TrimEnd('.')}. Give its URL, or a command that starts it.", exception);
            }
        }

        return all;
    }

    /// <summary>Ends the connections, and the servers that were started.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (McpClient client in _clients) await client.DisposeAsync().ConfigureAwait(false);
        _clients.Clear();
    }

    private static IClientTransport TransportOf(string server)
    {
        if (Uri.TryCreate(server, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return new HttpClientTransport(new HttpClientTransportOptions { Endpoint = url });
        string[] words = server.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw new ReverieException("it has no name");
        return new StdioClientTransport(new StdioClientTransportOptions { Command = words[0], Arguments = words[1..] });
    }
}
