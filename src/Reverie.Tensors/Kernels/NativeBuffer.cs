using System.Runtime.InteropServices;

namespace Reverie.Tensors.Kernels;

/// <summary>Native floats, aligned to 64 bytes, that grow on demand and keep nothing of what they held. Freed with its owner, at the latest with its thread.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private float* _pointer;
    private nint _capacity;

    ~NativeBuffer() => Free();

    /// <summary>At least <paramref name="count"/> floats of unspecified content; earlier pointers become invalid.</summary>
    public float* Take(nint count)
    {
        if (count > _capacity)
        {
            Free();
            nint bytes = count * sizeof(float);
            bool huge = bytes >= HugePages.Bytes;
            _pointer = (float*)NativeMemory.AlignedAlloc((nuint)bytes, huge ? (nuint)HugePages.Bytes : 64);
            _capacity = count;
            if (huge) HugePages.Advise((nint)_pointer, bytes);
        }

        return _pointer;
    }

    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        _capacity = 0;
    }
}
