using System.Runtime.CompilerServices;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

/// <summary>
/// The kernels on the processor: vectors of 512, 256 or 128 bits or plain floats, chosen once, on a pool of threads. One
/// caller at a time; a call that has run before allocates nothing.
/// </summary>
public sealed unsafe partial class CpuKernels : IKernels
{
    private readonly WorkerPool _pool;

    /// <summary>Starts the threads.</summary>
    /// <param name="threads">How many take part, the caller among them; 0 for one a core.</param>
    /// <exception cref="ArgumentOutOfRangeException">A negative number of threads.</exception>
    public CpuKernels(int threads = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(threads);
        _pool = new WorkerPool(threads == 0 ? Environment.ProcessorCount : threads);
    }

    /// <inheritdoc/>
    public int Threads => _pool.Threads;

    /// <summary>The kernels of this machine; with REVERIE_TRACE=ops in the environment, ones that report each call on standard error.</summary>
    /// <param name="threads">How many take part, the caller among them; 0 for one a core.</param>
    public static IKernels Create(int threads = 0)
    {
        var kernels = new CpuKernels(threads);
        return TracingKernels.IsWanted ? new TracingKernels(kernels, Console.Error) : kernels;
    }

    /// <summary>Ends the threads.</summary>
    public void Dispose()
    {
        _pool.Dispose();
        _expanded.Dispose();
        foreach (RotaryTable table in _rotaryTables) table.Dispose();
    }

    /// <summary>Runs an elementwise kernel over <paramref name="length"/> elements.</summary>
    private void Map<TMap>(TMap map, long length) where TMap : unmanaged, IMap
    {
        var blocks = new MapBlocks<TMap>(map, length);
        Run(blocks, blocks.Count);
    }

    /// <summary>Runs a kernel over <paramref name="count"/> pieces; one piece runs here and wakes nobody.</summary>
    private void Run<TJob>(TJob job, int count) where TJob : unmanaged, IVectorJob => _pool.Run(new Widest<TJob>(job), count);

    /// <summary>Rows that make a piece of about <see cref="MapBlocks{TMap}.BlockElements"/> elements.</summary>
    private static int RowsOfPiece(int columns) => Math.Max(1, MapBlocks<AddMap>.BlockElements / Math.Max(columns, 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pieces(int count, int size) => (int)(((long)count + size - 1) / size);
}
