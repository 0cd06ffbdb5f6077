using System.Runtime.CompilerServices;
using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// What a model's weights hold. A small model is not told it again: it reads what stands before a question worse than it remembers (docs/lab.md).
/// </summary>
public sealed class HeldFacts
{
    // An adapter never changes, and neither does its manifest.
    private static readonly ConditionalWeakTable<Adapter, HeldFacts> _read = [];

    private readonly Dictionary<string, FactRecord> _byKey;

    /// <summary>Takes what a night recorded.</summary>
    /// <param name="records">Facts in any state; those in the weights count.</param>
    public HeldFacts(IEnumerable<FactRecord> records) => _byKey = records.Where(r => r.State is FactState.Weights).GroupBy(r => r.Fact.Key).ToDictionary(g => g.Key, g => g.MaxBy(r => r.Told)!);

    /// <summary>What an adapter holds, by the manifests of its mornings; nothing where it is no morning's.</summary>
    /// <param name="adapter">The adapter; null for none.</param>
    /// <param name="folders">Its folder, and those of what it stands on.</param>
    /// <exception cref="Tensors.ReverieException">A manifest is damaged.</exception>
    public static HeldFacts? Of(Adapter? adapter, IReadOnlyList<string> folders) => adapter is null ? null : _read.GetValue(adapter, _ =>
        new HeldFacts(folders.Where(f => File.Exists(Path.Combine(f, MorningManifest.FileName))).SelectMany(f => MorningManifest.Read(f).Facts)));

    /// <summary>Whether a memory states what the weights hold, or what held before it.</summary>
    public bool Holds(RecalledMemory memory) =>
        FactReader.Read(memory.Text) is { } fact && _byKey.TryGetValue(fact.Key, out FactRecord? held) && (held.Value.Equals(fact.Value, StringComparison.OrdinalIgnoreCase) || memory.Written <= held.Told);
}
