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

    private const int MadviseDontNeed = 4, MadviseHugePage = 14;

    /// <summary>Asks for huge pages under memory that was just taken and is aligned to <see cref="Bytes"/>.</summary>
    public static void Advise(nint pointer, long bytes) => Wish(pointer, bytes, MadviseHugePage);

    /// <summary>Gives back the memory under whole pages of a mapped file; they are read again when they are touched.</summary>
    public static void Forget(nint pointer, long bytes)
    {
        nint page = Environment.SystemPageSize, first = (pointer + page - 1) / page * page;
        if (first + page <= pointer + bytes) Wish(first, (pointer + bytes - first) / page * page, MadviseDontNeed);
    }

    private static void Wish(nint pointer, long bytes, int advice)
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = MemoryAdvise(pointer, (nuint)bytes, advice);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // Another C library: it works without.
        }
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(nint address, nuint length, int advice);
}
