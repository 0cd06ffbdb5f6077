namespace Reverie.Models;

/// <summary>How the hub is reached.</summary>
public sealed record HubOptions
{
    /// <summary>Address of the hub: <c>HF_ENDPOINT</c>, or https://huggingface.co.</summary>
    public string Endpoint { get; init; } = Environment.GetEnvironmentVariable("HF_ENDPOINT") is { Length: > 0 } endpoint ? endpoint : "https://huggingface.co";

    /// <summary>Sent to the hub, and to nobody else, for what needs it: <c>HF_TOKEN</c>.</summary>
    public string? Token { get; init; } = Environment.GetEnvironmentVariable("HF_TOKEN");

    /// <summary>Tries of one request before it fails.</summary>
    public int Tries { get; init; } = 4;

    /// <summary>Wait before the second try; doubled each time.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A connection that is silent for this long is given up.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);
}
