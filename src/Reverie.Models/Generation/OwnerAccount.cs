namespace Reverie.Models;

/// <summary>What one owner's requests have had of a <see cref="Generator"/>.</summary>
internal sealed class OwnerAccount
{
    /// <summary>Tokens that were computed for it, prompts and answers, from where it was set when it came.</summary>
    public long Served { get; set; }

    /// <summary>Its requests that have not ended.</summary>
    public int Pending { get; set; }
}
