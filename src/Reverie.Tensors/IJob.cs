namespace Reverie.Tensors;

/// <summary>Work in <c>count</c> independent pieces for <see cref="WorkerPool.Run{TJob}"/>: a struct that holds what every piece needs.</summary>
public interface IJob
{
    /// <summary>
    /// Does piece <paramref name="index"/>. Pieces run in any order and at the same time, so each writes only its own
    /// outputs and never changes the struct: that is why the number of threads cannot change a result.
    /// </summary>
    void Execute(int index);
}
