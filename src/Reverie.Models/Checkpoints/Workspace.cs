using System.Globalization;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A folder in which everything lives that Reverie makes: <c>models/&lt;name&gt;/&lt;version&gt;/</c> beside
/// <c>models/&lt;name&gt;/current</c>, <c>runs/</c> and <c>data/</c>.
/// </summary>
public sealed class Workspace
{
    private const string CurrentFile = "current";

    /// <summary>Opens a workspace; nothing is created until something is saved.</summary>
    /// <param name="root">Its folder; null for REVERIE_HOME, or <c>.reverie</c> in the current folder.</param>
    public Workspace(string? root = null)
    {
        string? home = Environment.GetEnvironmentVariable("REVERIE_HOME");
        Root = Path.GetFullPath(root ?? (string.IsNullOrEmpty(home) ? ".reverie" : home));
    }

    /// <summary>The folder, absolute.</summary>
    public string Root { get; }

    /// <summary>Where models live.</summary>
    public string ModelsFolder => Path.Combine(Root, "models");

    /// <summary>Where adapters live, in PEFT's layout: <c>&lt;name&gt;/</c> for everybody, <c>&lt;owner&gt;/&lt;n&gt;/</c> for one person.</summary>
    public string AdaptersFolder => Path.Combine(Root, "adapters");

    /// <summary>The adapters of one person, which nobody else is answered with.</summary>
    /// <exception cref="ReverieException">The name cannot be a user's.</exception>
    public PersonalAdapters AdaptersOf(string owner) => new(AdaptersFolder, owner);

    /// <summary>The adapters that everybody is answered with who has none of her own, and on which the others' stand.</summary>
    public PersonalAdapters CompanyAdapters => PersonalAdapters.OfCompany(Root);

    /// <summary>Everybody who has adapters of her own.</summary>
    public IReadOnlyList<string> AdapterOwners => !Directory.Exists(AdaptersFolder) ? [] :
        [.. Directory.GetDirectories(AdaptersFolder).Select(f => PersonalAdapters.OwnerOf(Path.GetFileName(f))).OfType<string>().Where(o => AdaptersOf(o).Numbers.Count > 0).Order(StringComparer.Ordinal)];

    /// <summary>What has to be composed to be what an adapter was when it was made: the company's that it stands on (<see cref="Lineage.Beneath"/>) and itself.</summary>
    /// <param name="adapter">Its folder.</param>
    /// <returns>Folders, the lowest first; empty where the company's is no longer there, so that nobody may be answered with the rest.</returns>
    /// <exception cref="ReverieException">A lineage is damaged.</exception>
    public IReadOnlyList<string> LayersOf(string adapter)
    {
        if (Checkpoint.ReadLineage(adapter)?.Beneath is not { } beneath) return [adapter];
        PersonalAdapters company = CompanyAdapters;
        return company.Numbers.Reverse().Select(company.FolderOf).FirstOrDefault(f => Checkpoint.ReadLineage(f)?.Id == beneath) is { } ground ? [ground, adapter] : [];
    }

    /// <summary>Where runs keep their metrics and what they need to resume.</summary>
    public string RunsFolder => Path.Combine(Root, "runs");

    /// <summary>Where tokenised data is kept.</summary>
    public string DataFolder => Path.Combine(Root, "data");

    /// <summary>Where the journal of what was said is kept unless it is in another database.</summary>
    public string JournalFile => Path.Combine(Root, "journal.db");

    /// <summary>All checkpoints, by name and then by version, 2 before 10.</summary>
    public IReadOnlyList<ModelVersion> Models()
    {
        if (!Directory.Exists(ModelsFolder)) return [];
        var models = new List<ModelVersion>();
        foreach (string name in Directory.GetDirectories(ModelsFolder).Select(f => Path.GetFileName(f)).Where(IsName).Order(StringComparer.Ordinal))
        {
            string? current = Current(name);
            models.AddRange(Versions(name).Select(version => new ModelVersion(name, version, FolderOf(name, version), version == current)));
        }

        return models;
    }

    /// <summary>The version that serves when only the name is given: the pointer's, or the newest where there is no pointer; null without a version.</summary>
    public string? Current(string name)
    {
        IReadOnlyList<string> versions = Versions(name);
        string pointer = Path.Combine(ModelsFolder, name, CurrentFile);
        string? version = File.Exists(pointer) ? File.ReadAllText(pointer).Trim() : null;
        return version is not null && versions.Contains(version) ? version : versions.LastOrDefault();
    }

    /// <summary>Makes a version the one that serves, atomically.</summary>
    /// <exception cref="ReverieException">There is no such version.</exception>
    public void SetCurrent(string name, string version)
    {
        if (!IsName(name) || !Versions(name).Contains(version)) throw NotFound($"{name}@{version}");
        AtomicFile.WriteText(Path.Combine(ModelsFolder, name, CurrentFile), version + "\n");
    }

    /// <summary>Name and folder for the next version of a model: 1, 2, 3, ...</summary>
    /// <exception cref="ReverieException">The name is not a valid one.</exception>
    public (string Version, string Folder) NextVersion(string name)
    {
        Validate(name);
        int last = Versions(name).Select(v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0).DefaultIfEmpty(0).Max();
        string version = (last + 1).ToString(CultureInfo.InvariantCulture);
        return (version, FolderOf(name, version));
    }

    /// <summary>The folder or file of a checkpoint.</summary>
    /// <param name="model"><c>name</c>, <c>name@version</c>, or the path of a folder or of a GGUF or llama2.c file.</param>
    /// <exception cref="ReverieException">There is none; the message lists those that are there.</exception>
    public string Resolve(string model)
    {
        string[] parts = model.Split('@');
        if (parts.Length <= 2 && parts.All(IsName))
        {
            string? version = parts.Length == 2 ? parts[1] : Current(parts[0]);
            if (version is not null && Versions(parts[0]).Contains(version)) return FolderOf(parts[0], version);
        }

        return model.Length > 0 && (File.Exists(Path.Combine(model, "config.json")) || ModelFile.Find(model) is not null) ? Path.GetFullPath(model) : throw NotFound(model);
    }

    /// <summary>Refuses names that cannot be folders everywhere.</summary>
    /// <exception cref="ReverieException">The name has other characters than letters, digits, -, _ and ., or begins with a dot.</exception>
    public static void Validate(string name)
    {
        if (!IsName(name))
            throw new ReverieException($"\"{SafeTensorsHeader.Printable(name)}\" cannot be a model's name: use up to 64 letters, digits, - and _ (and dots inside).");
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and <= 64 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')
        && name[0] != '.' && name[^1] != '.' && name != CurrentFile && !name.EndsWith(AtomicFolder.TemporarySuffix, StringComparison.OrdinalIgnoreCase);

    private string FolderOf(string name, string version) => Path.Combine(ModelsFolder, name, version);

    private IReadOnlyList<string> Versions(string name)
    {
        string folder = Path.Combine(ModelsFolder, name);
        if (!IsName(name) || !Directory.Exists(folder)) return [];
        return [.. Directory.GetDirectories(folder).Select(f => Path.GetFileName(f)).Where(IsName)
            .OrderBy(v => int.TryParse(v, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1).ThenBy(v => v, StringComparer.Ordinal)];
    }

    private ReverieException NotFound(string model)
    {
        string[] there = [.. Models().Select(m => m.IsCurrent ? m.Name : $"{m.Name}@{m.Version}").Take(20)];
        return new ReverieException($"There is no model {SafeTensorsHeader.Printable(model)} in {Root}. " + (there.Length == 0
            ? "There are no models yet: make one with \"reverie raise\"."
            : $"There are: {string.Join(", ", there)}."));
    }
}
