using System.Runtime.InteropServices;

namespace Reverie.Tensors;

/// <summary>
/// Native memory, 64-byte aligned, handed out by moving a pointer and taken back all at once. A step arena is
/// <see cref="Reset"/> after each training step and keeps its blocks and its <see cref="Tensor"/> objects, so that
/// a step that has run once makes no garbage.
/// </summary>
public sealed unsafe class Arena : IDisposable
{
    private const int Alignment = 64;

    // Blocks grow with the arena up to this size, so that tensors of some megabytes do not leave a quarter of each unused.
    private const long LargestBlock = 128 << 20;

    private readonly List<(nint Pointer, long Bytes)> _blocks = [];
    private readonly List<Tensor> _tensors = [];
    private readonly long _blockBytes;
    private int _block = -1;
    private long _offset;
    private int _used;
    private bool _disposed;

    /// <summary>Creates an arena that takes memory in blocks of <paramref name="blockBytes"/>, or larger where a tensor needs it or much was taken already.</summary>
    public Arena(long blockBytes = 8 << 20) => _blockBytes = blockBytes;

    /// <summary>Bytes taken from the system so far.</summary>
    public long ReservedBytes { get; private set; }

    /// <summary>A tensor of <paramref name="rows"/> x <paramref name="columns"/>. Its content is undefined unless <paramref name="clear"/>.</summary>
    /// <exception cref="ReverieException">The machine has no memory left.</exception>
    public Tensor Allocate(int rows, int columns, bool clear = false)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        long bytes = ((long)rows * columns * sizeof(float) + Alignment - 1) / Alignment * Alignment;
        while (_block < 0 || _offset + bytes > _blocks[_block].Bytes)
        {
            _offset = 0;
            if (++_block == _blocks.Count) AddBlock(Math.Max(bytes, _blockBytes == 0 ? 0 : Math.Clamp(ReservedBytes, _blockBytes, Math.Max(_blockBytes, LargestBlock))));
        }

        float* pointer = (float*)(_blocks[_block].Pointer + (nint)_offset);
        _offset += bytes;
        if (clear) NativeMemory.Clear(pointer, (nuint)bytes);
        if (_used == _tensors.Count) _tensors.Add(new Tensor());
        return _tensors[_used++].Reuse(pointer, rows, columns);
    }

    /// <summary>The rows [start, start + count) of a tensor, over its memory; valid until <see cref="Reset"/>.</summary>
    internal Tensor View(Tensor tensor, int start, int count)
    {
        if (_used == _tensors.Count) _tensors.Add(new Tensor());
        return _tensors[_used++].Reuse(tensor.Pointer + (long)start * tensor.Columns, count, tensor.Columns);
    }

    /// <summary>Takes back every tensor at once; their memory will be handed out again.</summary>
    public void Reset()
    {
        _block = _blocks.Count > 0 ? 0 : -1;
        _offset = 0;
        _used = 0;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the memory of an arena that was forgotten.</summary>
    ~Arena() => Free();

    private void AddBlock(long bytes)
    {
        try
        {
            bool huge = bytes >= HugePages.Bytes;
            _blocks.Add(((nint)NativeMemory.AlignedAlloc((nuint)bytes, (nuint)(huge ? HugePages.Bytes : Alignment)), bytes));
            if (huge) HugePages.Advise(_blocks[^1].Pointer, bytes);
        }
        catch (OutOfMemoryException e)
        {
            throw new ReverieException($"Out of memory: {bytes >> 20} MiB more were needed beside {ReservedBytes >> 20} MiB. Choose a smaller model, batch or context.", e);
        }

        ReservedBytes += bytes;
    }

    private void Free()
    {
        if (_disposed) return;
        _disposed = true;
        foreach ((nint pointer, _) in _blocks) NativeMemory.AlignedFree((void*)pointer);
        _blocks.Clear();
    }
}
