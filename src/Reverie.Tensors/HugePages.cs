using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>
/// Asks Linux for pages of 2 MiB: weights and caches are read from end to end, and with pages of 4 KiB the processor spends
/// a good part of that on looking up addresses. A wish only; where it is not granted nothing changes but the time.
/// </summary>
internal static partial class HugePages
{
    /// <summary>Size and alignment of a huge page.</summary>
    public const int Bytes = 2 << 20;

    private const int MadviseHugePage = 14;

    /// <summary>Asks for huge pages under memory that was just taken and is aligned to <see cref="Bytes"/>.</summary>
    public static void Advise(nint pointer, long bytes)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MemoryAdvise(pointer, (nuint)bytes, MadviseHugePage);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: it works without.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);
}
