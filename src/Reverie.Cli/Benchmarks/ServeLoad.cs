using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Reverie.Cli.Benchmarks;

/// <summary>Clients of a server in this process: real connections, whose bytes are read and counted and not understood.</summary>
/// <param name="url">The server.</param>
/// <param name="stopTokens">Tokens that are forbidden, so that every answer has the length that was asked for.</param>
internal sealed class ServeLoad(string url, IReadOnlyList<int> stopTokens) : IDisposable
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { PooledConnectionLifetime = Timeout.InfiniteTimeSpan }) { BaseAddress = new Uri(url), Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The body of a request.</summary>
    public string Body(string prompt, int tokens, int seed, string? model = null) => JsonSerializer.Serialize(new Dictionary<string, object?>
    {
        ["model"] = model,
        ["messages"] = new[] { new { role = "user", content = prompt } },
        ["max_tokens"] = tokens,
        ["seed"] = seed,

        // Of random weights every token is as likely as any other, and to sort them all for top-p would be most of the work.
        ["temperature"] = 0,
        ["stream"] = true,
        ["logit_bias"] = stopTokens.ToDictionary(t => t.ToString(System.Globalization.CultureInfo.InvariantCulture), _ => -100),
    });

    /// <summary>Sends a request and reads its stream to the end.</summary>
    /// <returns>Seconds to the first event, whether the stream ended as it should, and the status.</returns>
    public async Task<(double FirstSeconds, bool IsWhole, HttpStatusCode Status)> StreamAsync(string body, CancellationToken cancel = default)
    {
        long began = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
        using Stream stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        byte[] buffer = new byte[16384], tail = new byte[14];
        double first = 0;
        while (await stream.ReadAsync(buffer, cancel).ConfigureAwait(false) is > 0 and var count)
        {
            if (first == 0) first = Stopwatch.GetElapsedTime(began).TotalSeconds;
            ReadOnlySpan<byte> end = buffer.AsSpan(Math.Max(0, count - tail.Length), Math.Min(count, tail.Length));
            tail.AsSpan(end.Length).CopyTo(tail);
            end.CopyTo(tail.AsSpan(tail.Length - end.Length));
        }

        return (first, tail.AsSpan().SequenceEqual("data: [DONE]\n\n"u8), response.StatusCode);
    }

    /// <summary>Runs requests all at once; seconds until the last one has ended.</summary>
    public async Task<double> RunAsync(IReadOnlyList<string> bodies)
    {
        long began = Stopwatch.GetTimestamp();
        (double, bool IsWhole, HttpStatusCode Status)[] ends = await Task.WhenAll(bodies.Select(b => StreamAsync(b))).ConfigureAwait(false);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        if (ends.FirstOrDefault(e => !e.IsWhole) is { Status: not 0 and var status }) throw new Tensors.ReverieException($"A stream broke off (status {(int)status}).");
        return seconds;
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>A prompt of some words.</summary>
    public static string Prompt(int words, int seed) => string.Join(' ', Enumerable.Range(0, words).Select(i => $"{(char)('a' + (((seed * 7) + i) % 26))}{(char)('a' + ((seed + (i * 3)) % 26))}"));
}
