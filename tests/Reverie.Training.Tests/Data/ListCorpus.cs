using Reverie.Worlds;

namespace Reverie.Training.Tests;

/// <summary>A corpus of given documents, the same in every split.</summary>
internal sealed class ListCorpus(string name, IEnumerable<Document> documents) : ICorpus
{
    public string Name => name;

    public int TimesRead { get; private set; }

    public IEnumerable<Document> Documents(Split split, ulong seed)
    {
        TimesRead++;
        return documents;
    }
}
