using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Reverie.Training.Tests;

/// <summary>A web server on loopback that answers each request as the test says, and can break off in the middle.</summary>
internal sealed class LoopbackServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<Request, Reply> _answer;

    public LoopbackServer(Func<Request, Reply> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _ = Serve();
    }

    public string Address { get; }

    public List<Request> Requests { get; } = [];

    public void Dispose() => _listener.Dispose();

    private async Task Serve()
    {
        while (true)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                return;
            }

            using (client) await Answer(client.GetStream());
        }
    }

    private async Task Answer(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        string[] start = (await reader.ReadLineAsync() ?? "GET / HTTP/1.1").Split(' ');
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync() is { Length: > 0 } line) headers[line[..line.IndexOf(':')]] = line[(line.IndexOf(':') + 1)..].Trim();
        var request = new Request(start[1], headers);
        lock (Requests) Requests.Add(request);
        Reply reply = _answer(request);
        var head = new StringBuilder($"HTTP/1.1 {reply.Status} x\r\nConnection: close\r\nContent-Length: {reply.Body.Length}\r\n");
        foreach ((string name, string value) in reply.Headers) head.Append($"{name}: {value}\r\n");
        try
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
            await stream.WriteAsync(reply.Body.AsMemory(0, Math.Min(reply.Body.Length, reply.StopAfter)));
        }
        catch (IOException)
        {
            // The client may go away in the middle, as in the test of a cancelled download.
        }
    }

    internal sealed record Request(string Path, Dictionary<string, string> Headers)
    {
        /// <summary>The first byte that is asked for.</summary>
        public int Start => Headers.TryGetValue("Range", out string? range) ? int.Parse(range["bytes=".Length..^1]) : 0;
    }

    internal sealed record Reply(int Status, byte[] Body, params (string Name, string Value)[] Headers)
    {
        public int StopAfter { get; init; } = int.MaxValue;

        /// <summary>A file as a server with ranges gives it.</summary>
        public static Reply File(Request request, byte[] file, string etag) => request.Start == 0
            ? new Reply(200, file, ("ETag", etag))
            : request.Start >= file.Length ? new Reply(416, [], ("Content-Range", $"bytes */{file.Length}"))
            : new Reply(206, file[request.Start..], ("ETag", etag), ("Content-Range", $"bytes {request.Start}-{file.Length - 1}/{file.Length}"));
    }
}
