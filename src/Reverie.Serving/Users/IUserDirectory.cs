namespace Reverie.Serving;

/// <summary>Knows users by their keys. Any thread may call it.</summary>
public interface IUserDirectory
{
    /// <summary>Whether there are keys, so that one must be shown. A key that was revoked or has expired counts: it must not open the door by going away.</summary>
    bool RequiresKey { get; }

    /// <summary>The user whose key this is; null where nobody's is, or where it was revoked or has expired.</summary>
    User? FindByKey(string key);
}
