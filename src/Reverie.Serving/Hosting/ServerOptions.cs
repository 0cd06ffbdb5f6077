namespace Reverie.Serving;

/// <summary>Where and how a <see cref="ReverieServer"/> listens, and what it lets through.</summary>
public sealed record ServerOptions
{
    /// <summary>Address or name to listen at: <c>localhost</c>, an IP address, or <c>0.0.0.0</c> and <c>::</c> for all.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port; 0 for any that is free.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>A PFX file with which connections are encrypted; null for plain HTTP.</summary>
    public string? Certificate { get; init; }

    /// <summary>The password of <see cref="Certificate"/>; null for none.</summary>
    public string? CertificatePassword { get; init; }

    /// <summary>
    /// Names, beside this machine's own, by which clients may call the server. Any other is refused: a web page could make a name of
    /// its own point to this machine and talk to it from the reader's browser (DNS rebinding).
    /// </summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Web pages of other origins that may call the API from a browser, such as <c>https://example.org</c>; none by default.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Most bytes of a request's body; more are answered with 413 and not read.</summary>
    public long MaxRequestBytes { get; init; } = 8 << 20;

    /// <summary>Most answers to one request (<c>n</c>).</summary>
    public int MaxChoices { get; init; } = 32;

    /// <summary>A client that takes nothing for so long is cut off.</summary>
    public TimeSpan WriteTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A stream in which nothing has come yet says so often that it is alive.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long replies may go on when the server is to end.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether chat completions and messages are kept in the journal where a request does not say <c>store</c>.</summary>
    public bool StoresByDefault { get; init; }

    /// <summary>Whether only this machine can reach the server.</summary>
    public bool IsLoopback => Host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(Host, out System.Net.IPAddress? address) && System.Net.IPAddress.IsLoopback(address));
}
