namespace Reverie.Worlds;

/// <summary>Tasks with their own scoring: run the expert for demonstrations, run a model for an evaluation.</summary>
public interface ITaskSet
{
    /// <summary>The name in reports.</summary>
    string Name { get; }

    /// <summary>
    /// The tasks of a split in an order fixed by the seed: endless, but for the examined splits of a file, which are the file once.
    /// </summary>
    IEnumerable<TaskItem> Tasks(Split split, ulong seed);
}
