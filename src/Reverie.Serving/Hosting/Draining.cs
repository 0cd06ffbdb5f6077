using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Reverie.Serving;

/// <summary>The end of the server: requests that run may go on for a while, new ones are sent away.</summary>
internal sealed class Draining : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenRegistration _registration;

    /// <summary>Watches the server's life.</summary>
    public Draining(IHostApplicationLifetime life, ServerOptions options) => _registration = life.ApplicationStopping.Register(() =>
    {
        IsDraining = true;
        _ended.CancelAfter(options.DrainTime);
    });

    /// <summary>Whether the server is about to end.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Set when the time for the replies that run is over.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Sends new requests away when the server is about to end.</summary>
    /// <exception cref="ApiException">It is.</exception>
    public void ThrowIfDraining()
    {
        if (IsDraining) throw Refusal();
    }

    /// <summary>What a request is told that cannot be served any more.</summary>
    public static ApiException Refusal() =>
        new(StatusCodes.Status503ServiceUnavailable, "The server is shutting down. Try again when it is back.", code: "shutting_down") { RetryAfter = TimeSpan.FromSeconds(5) };

    /// <inheritdoc/>
    public void Dispose()
    {
        _registration.Dispose();
        _ended.Dispose();
    }
}
