namespace Reverie.Worlds;

/// <summary>A source of documents: a generator of the Primer, or files.</summary>
public interface ICorpus
{
    /// <summary>The name in reports and manifests.</summary>
    string Name { get; }

    /// <summary>The documents of a split, in an order fixed by the seed. Generators never end; files do.</summary>
    IEnumerable<Document> Documents(Split split, ulong seed);
}
