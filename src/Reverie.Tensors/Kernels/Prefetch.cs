using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Reverie.Tensors.Kernels;

/// <summary>
/// Tells the cache what comes next. A head reads a few lines of each row of the projection; the rows lie so far apart that the
/// processor's own prefetching does not see the pattern.
/// </summary>
internal static unsafe class Prefetch
{
    /// <summary>How many rows ahead to ask: long enough for a line to arrive, short enough for it to still be there.</summary>
    public const int Rows = 8;

    /// <summary>Asks for <paramref name="count"/> floats; the address may lie anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Floats(float* address, int count)
    {
        if (!Sse.IsSupported) return;
        for (int i = 0; i < count; i += 16) Sse.Prefetch0(address + i);
    }
}
