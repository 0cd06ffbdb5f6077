namespace Reverie.Worlds;

/// <summary>What a fact can be about.</summary>
public enum SubjectKind
{
    /// <summary>Who is talking: "I".</summary>
    Self,

    /// <summary>A person: by name, or "my sister".</summary>
    Person,

    /// <summary>A thing or an animal of the one who is talking: "my dog".</summary>
    Belonging,

    /// <summary>A town.</summary>
    Town,

    /// <summary>A creature: "the lumo".</summary>
    Creature,

    /// <summary>A plant: "the starbell".</summary>
    Plant,
}
