namespace Reverie.Lab;

/// <summary>Something that the project says of itself, with the experiment that can refute it.</summary>
/// <param name="Name">The command.</param>
/// <param name="Text">The claim.</param>
public sealed record LabClaim(string Name, string Text)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<LabClaim> All { get; } =
    [
        new("sleep", "A model that sleeps is worth more to its owner, day after day, than the same model with retrieval or with everything in its context; it forgets what is deleted, learns nothing that others planted, and does not lose what its base could."),
    ];
}
