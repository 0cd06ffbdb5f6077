using System.Net;
using System.Net.Http.Headers;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Requests to the hub: redirects followed by hand, because the hub tells a file's size and SHA-256 only on the way
/// (<c>X-Linked-Size</c>, <c>X-Linked-Etag</c>) and the token must not follow to another host; failures that may pass are tried again.
/// </summary>
public sealed class HubConnection : IDisposable
{
    private const int MaximumRedirects = 10;
    private const int MaximumListBytes = 64 << 20;

    private readonly HubOptions _options;
    private readonly string _absent, _otherwise;

    private readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) })
    {
        Timeout = Timeout.InfiniteTimeSpan,
        DefaultRequestHeaders = { UserAgent = { new ProductInfoHeaderValue("reverie", "0.1") } },
    };

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="options">How the hub is reached.</param>
    /// <param name="absent">What to check where the hub does not have something, after "check the name": the end of a sentence.</param>
    /// <param name="otherwise">What to do without the hub: the end of a sentence.</param>
    /// <exception cref="ReverieException">The endpoint is not an address.</exception>
    public HubConnection(HubOptions options, string absent, string otherwise)
    {
        (_options, _absent, _otherwise) = (options, absent, otherwise);
        if (!Uri.TryCreate(options.Endpoint, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
            throw new ReverieException($"HF_ENDPOINT is {options.Endpoint}, which is not an address; give one such as https://huggingface.co, or unset it.");
    }

    /// <summary>Fetches a short answer of the hub, such as a list of files.</summary>
    /// <exception cref="ReverieException">The hub cannot be reached, refuses, or sends far too much.</exception>
    public Task<byte[]> Read(string url, CancellationToken cancel) => Try(
        url,
        async () =>
        {
            using Answer answer = await Get(url, 0, cancel);
            using var bytes = new MemoryStream();
            await using Stream body = await answer.Response.Content.ReadAsStreamAsync(cancel);
            byte[] buffer = new byte[1 << 16];
            while (await WithinSilence(c => body.ReadAsync(buffer, c).AsTask(), cancel) is int read and > 0)
            {
                bytes.Write(buffer, 0, read);
                if (bytes.Length > MaximumListBytes) throw new ReverieException($"The answer of {url} has more than {MaximumListBytes >> 20} MiB; check HF_ENDPOINT.");
            }

            return bytes.ToArray();
        },
        () => 0,
        cancel);

    /// <summary>Fetches a file, or the rest of one: it gets its name once its size and SHA-256 are those that the hub names.</summary>
    /// <param name="url">Where it is.</param>
    /// <param name="path">Where it goes; what has come so far stands beside it.</param>
    /// <param name="report">Told about every megabyte: bytes that are here, and in all where it is known.</param>
    /// <param name="cancel">Stops it; the next call goes on from there.</param>
    /// <exception cref="ReverieException">It cannot be fetched or written, or is not what the hub names.</exception>
    public Task<HubFile> Download(string url, string path, Action<long, long?> report, CancellationToken cancel) => new ResumableDownload(this, url, path).Run(report, cancel);

    /// <summary>Closes the connections.</summary>
    public void Dispose() => _client.Dispose();

    /// <summary>An answer, and what the hub said on the way to it.</summary>
    internal sealed record Answer(HttpResponseMessage Response, string? Sha256, long? Size) : IDisposable
    {
        public void Dispose() => Response.Dispose();
    }

    /// <summary>
    /// Runs <paramref name="work"/> until it ends or has failed too often. It throws <see cref="HttpRequestException"/>,
    /// <see cref="IOException"/> or <see cref="TimeoutException"/> for what may pass, <see cref="ReverieException"/> for what will not.
    /// A failure after a megabyte or more has come (<paramref name="received"/> bytes in all) counts as the first: large files take many.
    /// </summary>
    internal async Task<T> Try<T>(string url, Func<Task<T>> work, Func<long> received, CancellationToken cancel)
    {
        TimeSpan delay = _options.RetryDelay;
        long before = received();
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await work();
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
            {
                if (received() - before >= 1 << 20) (attempt, delay, before) = (1, _options.RetryDelay, received());
                if (attempt >= _options.Tries)
                    throw new ReverieException($"Cannot fetch {url} ({Reason(e)}; tried {attempt} times). Check the network, or {_otherwise}.", e);
                await Task.Delay(delay, cancel);
                delay *= 2;
            }
        }
    }

    /// <summary>Sends a GET from byte <paramref name="offset"/> on, and follows redirects. The body is still to be read.</summary>
    internal async Task<Answer> Get(string url, long offset, CancellationToken cancel)
    {
        var address = new Uri(url);
        string? sha256 = null;
        long? size = null;
        for (int hop = 0; hop <= MaximumRedirects; hop++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (offset > 0) request.Headers.Range = new RangeHeaderValue(offset, null);
            if (_options.Token is { Length: > 0 } token && address.Host == new Uri(_options.Endpoint).Host) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            HttpResponseMessage response = await WithinSilence(c => _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, c), cancel);
            try
            {
                if (Header(response, "X-Linked-Etag")?.Trim('"') is { Length: 64 } hash && hash.All(char.IsAsciiHexDigit)) sha256 = hash.ToLowerInvariant();
                if (long.TryParse(Header(response, "X-Linked-Size"), out long linked)) size = linked;
                if (response.StatusCode is HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect &&
                    response.Headers.Location is { } location)
                {
                    address = new Uri(address, location);
                    response.Dispose();
                    continue;
                }

                ThrowUnlessGood(response, url);
                return new Answer(response, sha256, size);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }

        throw new ReverieException($"{url} redirects more than {MaximumRedirects} times; check HF_ENDPOINT.");
    }

    /// <summary>Runs one network operation; a silence of <see cref="HubOptions.Silence"/> is a timeout.</summary>
    internal async Task<T> WithinSilence<T>(Func<CancellationToken, Task<T>> operation, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(_options.Silence);
        try
        {
            return await operation(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer for {_options.Silence.TotalSeconds:0} s");
        }
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;

    private void ThrowUnlessGood(HttpResponseMessage response, string url)
    {
        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable) return;
        int status = (int)response.StatusCode;
        if (status is 408 or 429 or >= 500) throw new HttpRequestException($"the server answered {status}");
        throw new ReverieException(status switch
        {
            401 or 403 when _options.Token is not { Length: > 0 } => $"The hub refuses {url} ({status}): it does not exist, is private, or asks for its terms to be accepted. Check the name, or set HF_TOKEN.",
            401 or 403 => $"The hub refuses {url} ({status}): accept its terms on its page with the account of HF_TOKEN, or check the name.",
            404 => $"The hub has no {url} (404): check the name{_absent}.",
            _ => $"The hub answers {status} to {url}; check HF_ENDPOINT, or {_otherwise}.",
        });
    }

    private static string Reason(Exception e)
    {
        string reason = (e.InnerException ?? e).Message;
        return reason.Split('\n')[0].Trim().TrimEnd('.');
    }
}
