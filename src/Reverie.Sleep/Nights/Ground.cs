using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>What a night stands on: the base, with the company's adapter in its weights where the night is a person's and the company has one. It does not move.</summary>
internal sealed class Ground : IDisposable
{
    private readonly Workspace? _workspace;
    private readonly Adapter? _company;
    private readonly Transformer? _merged;

    /// <summary>The base alone.</summary>
    public Ground(Sleeper.Bed bed) => Bed = bed;

    /// <summary>The base with the company's current adapter.</summary>
    public Ground(Workspace workspace, Sleeper.Bed bed)
    {
        (_workspace, Bed) = (workspace, bed);
        if (Mornings.OfCompany(workspace).Current(bed.BaseId) is not { } morning) return;
        _company = Adapter.Load(morning.Folder, bed.Model, bed.BaseId);
        _merged = _company.Merged(bed.Model, bed.Kernels);
        Beneath = morning.AdapterHash;
        Bed = bed.On(_merged);
    }

    /// <summary>The model that the night trains on and is compared with.</summary>
    public Sleeper.Bed Bed { get; }

    /// <summary>Hash of the company's adapter; null where there is none.</summary>
    public string? Beneath { get; }

    /// <summary>An adapter that makes of <see cref="Bed"/> what answered yesterday, whatever that stood on; the caller owns it.</summary>
    public Adapter Load(Morning yesterday)
    {
        if (_workspace is null || yesterday.Beneath == Beneath) return Adapter.Load(yesterday.Folder, Bed.Model, Bed.BaseId);
        using var whole = Adapter.LoadLayers(_workspace.LayersOf(yesterday.Folder), Bed.Model, Bed.BaseId);
        if (_company is null) return whole.Scaled(Bed.Model, 1);
        using Adapter away = _company.Scaled(Bed.Model, -1);
        return Adapter.Compose(Bed.Model, whole, away);
    }

    /// <summary>Frees what is not the base's.</summary>
    public void Dispose()
    {
        _merged?.Dispose();
        _company?.Dispose();
    }
}
