using System.Diagnostics;
using Microsoft.Extensions.AI;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Web;

/// <summary>Offers the models of a catalog.</summary>
/// <param name="catalog">The models; this does not own it.</param>
/// <param name="workspace">The workspace that it is over.</param>
public sealed class CatalogModels(ModelCatalog catalog, Workspace workspace) : IPageModels
{
    // A page asks with every stroke; the answer is read from files.
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (IReadOnlyList<PageModel> Models, long Read)> _read = [];

    /// <inheritdoc/>
    public IReadOnlyList<PageModel> List(string? owner = null)
    {
        lock (_lock)
        {
            if (_read.TryGetValue(owner ?? "", out (IReadOnlyList<PageModel> Models, long Read) known) && Stopwatch.GetElapsedTime(known.Read) < _fresh) return known.Models;
            foreach ((string other, (_, long read)) in _read)
                if (Stopwatch.GetElapsedTime(read) >= _fresh) _read.Remove(other);
            IReadOnlyList<PageModel> models = Read(owner);
            _read[owner ?? ""] = (models, Stopwatch.GetTimestamp());
            return models;
        }
    }

    /// <inheritdoc/>
    public IChatClient Open(string model, string? adapter) => catalog.ChatClient(ModelCatalog.NameOf(model, adapter));

    private IReadOnlyList<PageModel> Read(string? owner)
    {
        IReadOnlyList<ServedModel> served = catalog.Models(owner);
        string? usual = catalog.Default;
        return [.. served.Where(m => m.Base is null).OrderByDescending(m => m.Id == usual).ThenBy(m => m.Id.Contains('@')).Select(m =>
        {
            ServedModel[] worn = [.. served.Where(a => a.Base == m.Id)];
            string Name(ServedModel adapter) => adapter.Id[(m.Id.Length + 1)..];
            return new PageModel(m.Id, [.. worn.Select(Name)], ContextOf(m.Id), worn.Where(a => a.IsCurrent).Select(Name).FirstOrDefault());
        })];
    }

    private int? ContextOf(string model)
    {
        try
        {
            return Checkpoint.ReadConfig(workspace.Resolve(model)).ContextLength;
        }
        catch (ReverieException)
        {
            // Who talks to it is told what is wrong with it.
            return null;
        }
    }
}
