using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>All built-in task sets. A public class that implements <see cref="ITaskSet"/> and needs no arguments is one of them: adding a set takes one file.</summary>
public static class TaskSets
{
    /// <summary>Every set, by name.</summary>
    public static IReadOnlyList<ITaskSet> All { get; } =
    [
        .. typeof(TaskSets).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && typeof(ITaskSet).IsAssignableFrom(t) && t.GetConstructor(Type.EmptyTypes) is not null)
            .Select(t => (ITaskSet)Activator.CreateInstance(t)!).OrderBy(s => s.Name, StringComparer.Ordinal),
    ];

    /// <summary>The set of a name.</summary>
    /// <exception cref="ReverieException">There is none; the message lists those there are.</exception>
    public static ITaskSet Find(string name) => All.Concat(Primer.Exams).FirstOrDefault(s => s.Name == name)
        ?? throw new ReverieException($"There is no task set {name}. There are: {string.Join(", ", All.Select(s => s.Name))}.");
}
