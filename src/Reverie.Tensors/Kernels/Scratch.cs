using System.Numerics;

namespace Reverie.Tensors.Kernels;

/// <summary>What the native scratch of a thread is for: two uses at the same time need two names.</summary>
internal enum ScratchUse
{
    /// <summary>The pieces of a call and the partial sums that its pieces leave for the caller to add.</summary>
    Call,

    /// <summary>Pages of keys and values of a call.</summary>
    Pages,

    /// <summary>Working memory of one piece.</summary>
    Piece,
}

/// <summary>Native memory of each thread that grows to what was needed once, so that a call that has run before makes no garbage.</summary>
internal static unsafe class Scratch
{
    [ThreadStatic]
    private static NativeBuffer?[]? _buffers;

    /// <summary>At least <paramref name="floats"/> floats of undefined content, 64-byte aligned; valid until the thread takes the same use again.</summary>
    public static float* Take(ScratchUse use, long floats)
    {
        _buffers ??= new NativeBuffer?[3];
        NativeBuffer buffer = _buffers[(int)use] ??= new NativeBuffer();

        // Contexts grow by a token a call; powers of two keep that from taking new memory each time.
        return buffer.Take((nint)BitOperations.RoundUpToPowerOf2((ulong)Math.Max(floats, 1024)));
    }
}
