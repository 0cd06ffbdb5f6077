using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>Which adapters there are, and for whom.</summary>
public sealed partial class ModelCatalog
{
    /// <summary>A model's name for what does not speak, such as vectors that are kept: nobody's current adapter is meant, only one that is named.</summary>
    /// <param name="id">A model's name; null for <see cref="Default"/>.</param>
    public string? WithoutCurrent(string? id)
    {
        if (string.IsNullOrEmpty(id)) id = Default;
        return id is null || Split(id).Adapter is not null ? id : NameOf(id, NoAdapter);
    }

    /// <summary>Frees personal adapters that nobody uses and that are no longer current: a better one came, or they were deleted.</summary>
    internal void Sweep()
    {
        List<(LoadedModel Model, string Hash, string Adapter)> idle = [];
        lock (_loaded)
        {
            foreach (LoadedModel model in _loaded.Values.Where(m => m.Model.IsCompletedSuccessfully))
                idle.AddRange(model.IdleAdapters.Where(a => a.Contains(PersonalAdapters.Separator)).Select(a => (model, model.Model.Result.Hash, a)));
        }

        // The pointers are files: others go on while they are read.
        foreach ((LoadedModel model, string hash, string adapter) in idle)
        {
            if (IsCurrent(adapter, hash)) continue;
            lock (_loaded) model.Free(adapter);
        }
    }

    private bool IsCurrent(string adapter, string model)
    {
        string owner = adapter[..adapter.IndexOf(PersonalAdapters.Separator, StringComparison.Ordinal)];
        try
        {
            return owner == PersonalAdapters.Company ? _workspace.CompanyAdapters is var company && company.NameOf(company.Current(model).Number) == adapter : CurrentOf(owner, model) == adapter;
        }
        catch (Exception e) when (e is ReverieException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Null where the pointer is damaged: who asks to be answered is told.</summary>
    private string? TryCurrentOf(string? owner, string model)
    {
        try
        {
            return CurrentOf(owner, model);
        }
        catch (Exception e) when (e is ReverieException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The name of the adapter that a model wears for somebody who names none: her own, unless the company's that it stands on is gone; else the company's.</summary>
    /// <exception cref="ReverieException">A pointer is damaged.</exception>
    private string CurrentOf(string? owner, string model)
    {
        if (PersonalOf(owner, model) is not { } hers) return NoAdapter;
        if (hers.Current(model).Number is > 0 and int number && _workspace.LayersOf(hers.FolderOf(number)).Count > 0) return hers.NameOf(number);
        PersonalAdapters company = _workspace.CompanyAdapters;
        return company.Current(model).Number is > 0 and int shared ? company.NameOf(shared) : NoAdapter;
    }

    /// <summary>Where somebody can have adapters of her own for a model; null where she cannot.</summary>
    private PersonalAdapters? PersonalOf(string? owner, string? model) =>
        owner is not null && PersonalAdapters.IsOwner(owner) && !string.IsNullOrEmpty(model) ? _workspace.AdaptersOf(owner) : null;

    /// <summary>Where the layers of an adapter are. Another person's is looked for nowhere: it is the same as one that nobody has.</summary>
    /// <exception cref="ReverieException">It is not there, or damaged.</exception>
    private IReadOnlyList<string> AdapterFolders(string name, string? owner, ChatModel model)
    {
        PersonalAdapters? hers = PersonalOf(owner, model.Hash);
        string? folder = name.Contains(PersonalAdapters.Separator)
            ? PersonalFolder(name, hers, model.Hash) ?? PersonalFolder(name, hers is null ? null : _workspace.CompanyAdapters, model.Hash)
            : AdaptersOf(model.Hash.Length > 0 ? model.Hash : null).FirstOrDefault(a => a.Name == name).Folder;
        if (folder is null) throw new ModelNotFoundException($"There is no adapter \"{Printable(name)}\" for {model.Id}. Put it into {_workspace.AdaptersFolder} in PEFT's layout.");
        return _workspace.LayersOf(folder) is { Count: > 0 } layers ? layers
            : throw new ModelNotFoundException($"The adapter \"{Printable(name)}\" stands on one of the company's that is no longer there. The next night makes another.");
    }

    private static string? PersonalFolder(string name, PersonalAdapters? hers, string model)
    {
        if (hers is null || !name.StartsWith(hers.Owner + PersonalAdapters.Separator, StringComparison.Ordinal)) return null;
        if (PersonalAdapters.NumberOf(name[(hers.Owner.Length + 1)..]) is not { } number || !hers.Has(number)) return null;
        return Checkpoint.ReadLineage(hers.FolderOf(number))?.Parent == model ? hers.FolderOf(number) : null;
    }

    /// <summary>Everybody's adapters that were made for a model, or for one that nobody knows.</summary>
    private IEnumerable<(string Name, string Folder, DateTime Created)> AdaptersOf(string? model)
    {
        foreach ((string name, string folder) in _options.Adapters.Select(a => (a.Key, a.Value)).Concat(WorkspaceAdapters()))
            if (TryReadLineage(folder, out Lineage? lineage) && (lineage?.Parent is not { } parent || model is null || parent == model)) yield return (name, folder, lineage?.Created ?? File.GetLastWriteTimeUtc(folder));
    }

    /// <summary>Somebody's own adapters that were made for a model, newest first, and then the company's.</summary>
    private IEnumerable<(string Name, DateTime Created)> PersonalAdaptersOf(string? owner, string? model)
    {
        if (PersonalOf(owner, model) is not { } hers) yield break;
        PersonalAdapters company = _workspace.CompanyAdapters;
        foreach ((PersonalAdapters whose, int number) in hers.Numbers.Reverse().Select(n => (hers, n)).Concat(company.Numbers.Where(n => IsCurrent(company.NameOf(n), model!)).Select(n => (company, n))))
            if (TryReadLineage(whose.FolderOf(number), out Lineage? lineage) && lineage?.Parent == model) yield return (whose.NameOf(number), lineage!.Created);
    }

    private IEnumerable<(string Name, string Folder)> WorkspaceAdapters() => !Directory.Exists(_workspace.AdaptersFolder) ? [] :
        Directory.GetDirectories(_workspace.AdaptersFolder).Where(f => File.Exists(Path.Combine(f, Adapter.ConfigFileName)) && !f.EndsWith(AtomicFolder.TemporarySuffix, StringComparison.Ordinal))
            .Select(f => (Path.GetFileName(f), f)).Where(a => a.Item1 != NoAdapter).OrderBy(a => a.Item1, StringComparer.Ordinal);

    /// <summary>False for a damaged one: who asks for it is told; the others are listed.</summary>
    private static bool TryReadLineage(string folder, out Lineage? lineage)
    {
        try
        {
            lineage = Checkpoint.ReadLineage(folder);
            return true;
        }
        catch (ReverieException)
        {
            lineage = null;
            return false;
        }
    }
}
