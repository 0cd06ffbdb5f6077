namespace Reverie.Worlds;

/// <summary>A hash of a world's state that is the same in every process (FNV-1a, 64 bits).</summary>
public static class StateHash
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211;

    /// <summary>The hash of texts, in their order.</summary>
    public static ulong Of(params ReadOnlySpan<string> parts)
    {
        ulong hash = Offset;
        foreach (string part in parts)
        {
            foreach (char c in part) hash = (hash ^ c) * Prime;
            hash = (hash ^ 0x1F) * Prime;
        }

        return hash;
    }
}
