namespace Reverie.Web;

/// <summary>What sleep learned from a user. A server without one has learned nothing.</summary>
public interface ILearnedMemories
{
    /// <summary>What was learned, newest first.</summary>
    Task<IReadOnlyList<LearnedMemory>> ReadAsync(string owner, CancellationToken cancellation = default);

    /// <summary>Unlearns something; does nothing where the user has no such memory.</summary>
    Task ForgetAsync(string owner, string id, CancellationToken cancellation = default);
}

/// <summary>Something that was learned from a user.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Text">What it is, in words.</param>
/// <param name="Learned">When, UTC.</param>
public sealed record LearnedMemory(string Id, string Text, DateTimeOffset Learned);
