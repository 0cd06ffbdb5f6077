namespace Reverie.Worlds;

/// <summary>Tasks with their own scoring: run the expert for demonstrations, run a model for an evaluation.</summary>
public interface ITaskSet
{
    /// <summary>The name in reports.</summary>
    string Name { get; }

    /// <summary>The tasks of a split, endless, in an order fixed by the seed.</summary>
    IEnumerable<TaskItem> Tasks(Split split, ulong seed);
}
