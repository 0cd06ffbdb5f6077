using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>A corpus of what the experts of a task set do: one episode a document.</summary>
/// <param name="tasks">The set.</param>
public sealed class Demonstrations(ITaskSet tasks) : ICorpus
{
    /// <inheritdoc/>
    public string Name => tasks.Name;

    /// <inheritdoc/>
    public IEnumerable<Document> Documents(Split split, ulong seed) => tasks.Tasks(split, seed).Select(task => new Document(Name, Of(task)));

    /// <summary>The conversation of one task's expert.</summary>
    /// <exception cref="InvalidOperationException">The expert does not score full marks.</exception>
    public static IReadOnlyList<Message> Of(TaskItem task)
    {
        Trace trace = Episode.Play(task, task.Expert);
        return trace.Reward >= 1 ? trace.Messages : throw new InvalidOperationException($"The expert fails its own task:\n{trace}\n{trace.Failure}");
    }
}
