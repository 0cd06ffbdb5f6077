using System.Globalization;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>Everybody who shares, together: what enough of them told alike, and which of the company's mornings rest on something that this is no longer true of.</summary>
/// <param name="workspace">Where adapters are.</param>
/// <param name="journal">The journal.</param>
public sealed class Company(Workspace workspace, IJournal journal)
{
    /// <summary>The lowest k: what one person told is hers alone.</summary>
    public const int FewestTellers = 2;

    private const string TellersFile = "tellers";

    /// <summary>The company's mornings.</summary>
    public Mornings Mornings => Mornings.OfCompany(workspace);

    /// <summary>k as it was last set; the default where it never was.</summary>
    /// <exception cref="ReverieException">The file that says so is damaged.</exception>
    public int Tellers
    {
        get => !File.Exists(TellersPath) ? new NightOptions().Tellers
            : int.TryParse(File.ReadAllText(TellersPath).TrimEnd('\n'), NumberStyles.None, CultureInfo.InvariantCulture, out int tellers) && tellers >= FewestTellers ? tellers
            : throw new ReverieException($"{TellersPath} does not say how many people must have told what the company learns. Say it again with: reverie sleep --company --k 3");
        internal set => AtomicFile.WriteText(TellersPath, string.Create(CultureInfo.InvariantCulture, $"{value}\n"));
    }

    /// <summary>Reads what the company may learn. Journals of those who do not share are not opened.</summary>
    /// <param name="tellers">k.</param>
    /// <param name="without">Messages that are taken for deleted; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Triage> TriageAsync(int tellers, IReadOnlySet<string>? without = null, CancellationToken cancellation = default)
    {
        var people = new List<JournalReading>();
        foreach (string owner in await journal.ReadSharersAsync(cancellation).ConfigureAwait(false))
        {
            JournalReading reading = await JournalReading.ReadAsync(journal, owner, cancellation).ConfigureAwait(false);
            people.Add(without is null ? reading : reading.Without(without));
        }

        return Triage.OfCompany(people, tellers);
    }

    /// <summary>Mornings that learned what too few people tell now.</summary>
    public IReadOnlyList<Morning> Unfounded(Triage triage)
    {
        HashSet<string> told = [.. triage.Records.SelectMany(r => r.Sources)];
        // Nobody can say what a morning without a manifest learned.
        return [.. Mornings.List().Where(m => Read(m)?.Sources.All(told.Contains) != true)];
    }

    /// <summary>Erases mornings of the company, and everybody's that stand on them: those were trained beside what they held.</summary>
    public void Erase(IReadOnlyList<Morning> mornings)
    {
        HashSet<string> hashes = [.. mornings.Select(m => m.AdapterHash)];
        foreach (Morning morning in mornings) Mornings.Delete(morning.Number);
        if (hashes.Count == 0) return;
        foreach (string owner in workspace.AdapterOwners)
        {
            var hers = new Mornings(workspace, owner);
            foreach (Morning morning in hers.List().Where(m => m.Beneath is { } beneath && hashes.Contains(beneath))) hers.Delete(morning.Number);
        }
    }

    private string TellersPath => Path.Combine(workspace.CompanyAdapters.Folder, TellersFile);

    private static MorningManifest? Read(Morning morning)
    {
        try
        {
            return MorningManifest.Read(morning.Folder);
        }
        catch (ReverieException)
        {
            return null;
        }
    }
}
