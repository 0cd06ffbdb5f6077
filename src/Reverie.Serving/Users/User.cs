namespace Reverie.Serving;

/// <summary>Who asks.</summary>
/// <param name="Id">1 to 64 letters, digits, -, _, . or @; the owner of what is kept in the journal.</param>
/// <param name="KeyId">The key that was shown; null where none is needed.</param>
/// <param name="Limits">What the key allows.</param>
public sealed record User(string Id, string? KeyId, KeyLimits Limits)
{
    /// <summary>Everybody, while there are no keys and the server listens to this machine only.</summary>
    public static User Local { get; } = new("local", null, new KeyLimits());

    /// <summary>Whether a text can be a user's id.</summary>
    public static bool IsId(string text) => text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '@');
}
