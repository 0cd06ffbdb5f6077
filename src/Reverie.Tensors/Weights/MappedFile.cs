using System.IO.MemoryMappedFiles;
using Reverie.Tensors.Kernels;

namespace Reverie.Tensors;

/// <summary>
/// A file in the address space, for reading: what is never touched is never read, and the system may drop what was read and fetch it
/// again. The file must not be cut short while it is mapped.
/// </summary>
public sealed unsafe class MappedFile : IDisposable
{
    private readonly MemoryMappedFile? _file;
    private readonly MemoryMappedViewAccessor? _view;
    private readonly NativeBuffer? _memory;
    private readonly byte* _pointer;
    private bool _disposed;

    /// <summary>Maps a file.</summary>
    /// <exception cref="ReverieException">It is not there or cannot be read.</exception>
    public MappedFile(string path)
    {
        Path = path;
        try
        {
            // The map of an empty file cannot be made, nor is it needed.
            Length = new FileInfo(path).Length;
            if (Length == 0) return;
            _file = MemoryMappedFile.CreateFromFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1), null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
            _view = _file.CreateViewAccessor(0, Length, MemoryMappedFileAccess.Read);
            byte* pointer = null;
            _view.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
            _pointer = pointer + _view.PointerOffset;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            _file?.Dispose();
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }
    }

    /// <summary>Memory of the same kind with another name than a file's; its content is undefined until it is written.</summary>
    internal MappedFile(string name, long bytes)
    {
        (Path, Length) = (name, bytes);
        _memory = new NativeBuffer();
        try
        {
            _pointer = (byte*)_memory.Take(checked((nint)((bytes + sizeof(float) - 1) / sizeof(float))));
        }
        catch (OutOfMemoryException e)
        {
            throw new ReverieException($"Out of memory: {bytes >> 20} MiB more were needed for {name}. Choose a smaller model or type.", e);
        }
    }

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>Bytes in the file.</summary>
    public long Length { get; }

    /// <summary>Some bytes of the file, without a copy; valid until the file is disposed.</summary>
    /// <exception cref="ArgumentOutOfRangeException">They are not all in the file.</exception>
    public ReadOnlySpan<byte> Span(long offset, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return new(At(offset, count), count);
    }

    /// <summary>Ends the map.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _memory?.Dispose();
        _view?.SafeMemoryMappedViewHandle.ReleasePointer();
        _view?.Dispose();
        _file?.Dispose();
    }

    /// <summary>The address of <paramref name="count"/> bytes.</summary>
    internal byte* At(long offset, long count)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Length - offset);
        return _pointer + offset;
    }

    /// <summary>Tells the system that the bytes will not be read again soon: their memory is free for others, and a later read fetches them anew.</summary>
    internal void Forget(long offset, long count)
    {
        if (_memory is null) HugePages.Forget((nint)At(offset, count), count);
    }
}
