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
    private IReadOnlyList<PageModel>? _models;
    private long _read;

    /// <inheritdoc/>
    public IReadOnlyList<PageModel> List()
    {
        lock (_lock)
        {
            if (_models is not null && Stopwatch.GetElapsedTime(_read) < _fresh) return _models;
            IReadOnlyList<ServedModel> served = catalog.Models();
            string? usual = catalog.Default;
            _models = [.. served.Where(m => m.Base is null).OrderByDescending(m => m.Id == usual).ThenBy(m => m.Id.Contains('@')).Select(m => new PageModel(m.Id, [.. served.Where(a => a.Base == m.Id).Select(a => a.Id[(m.Id.Length + 1)..])], ContextOf(m.Id)))];
            _read = Stopwatch.GetTimestamp();
            return _models;
        }
    }

    /// <inheritdoc/>
    public IChatClient Open(string model, string? adapter) => catalog.ChatClient(adapter is null ? model : $"{model}{ModelCatalog.AdapterSeparator}{adapter}");

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
