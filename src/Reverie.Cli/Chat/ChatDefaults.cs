using Reverie.Models;

namespace Reverie.Cli.Chat;

/// <summary>How replies are drawn where nothing else is said.</summary>
internal static class ChatDefaults
{
    /// <summary>Low enough for a small model to stay on its path, high enough not to tell the same story twice.</summary>
    public static readonly SamplingOptions Options = new() { Temperature = 0.5f, TopP = 0.95f, MaxTokens = 200 };
}
