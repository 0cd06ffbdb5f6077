using System.Reflection;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// All credit rules. A public class that implements <see cref="ICredit"/> and needs no arguments is one of them, and so is each of its
/// public static properties that holds such a rule under another name: adding a rule takes one file.
/// </summary>
public static class CreditRules
{
    /// <summary>Every rule, by name.</summary>
    public static IReadOnlyList<ICredit> All { get; } = In(typeof(CreditRules).Assembly);

    /// <summary>The rules of an assembly, by name.</summary>
    public static IReadOnlyList<ICredit> In(Assembly assembly) =>
    [
        .. assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ICredit).IsAssignableFrom(t) && t.GetConstructor(Type.EmptyTypes) is not null)
            .SelectMany(t => t.GetProperties(BindingFlags.Public | BindingFlags.Static)
                .Where(p => typeof(ICredit).IsAssignableFrom(p.PropertyType)).Select(p => (ICredit)p.GetValue(null)!)
                .Append((ICredit)Activator.CreateInstance(t)!))
            .DistinctBy(r => r.Name).OrderBy(r => r.Name, StringComparer.Ordinal),
    ];

    /// <summary>The rule of a name.</summary>
    /// <exception cref="ReverieException">There is none; the message lists those there are.</exception>
    public static ICredit Find(string name) => All.FirstOrDefault(r => r.Name == name)
        ?? throw new ReverieException($"There is no credit rule {name}. There are: {string.Join(", ", All.Select(r => r.Name))}.");
}
