using System.Numerics;

namespace Reverie.Models;

/// <summary>A set of tokens that does not change: a list where there are few, else a bit for each.</summary>
internal sealed class TokenMask
{
    private readonly int[]? _few;
    private readonly ulong[]? _bits;

    /// <summary>Copies a set.</summary>
    public TokenMask(ReadOnlySpan<ulong> bits)
    {
        int count = 0;
        foreach (ulong word in bits) count += BitOperations.PopCount(word);
        if (count >= 2 * bits.Length)
        {
            _bits = bits.ToArray();
            return;
        }

        _few = new int[count];
        int next = 0;
        for (int i = 0; i < bits.Length && next < count; i++)
            for (ulong word = bits[i]; word != 0; word &= word - 1) _few[next++] = (i * 64) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>What it takes in memory.</summary>
    public int Bytes => 64 + ((_few?.Length ?? 0) * sizeof(int)) + ((_bits?.Length ?? 0) * sizeof(ulong));

    /// <summary>Makes an empty set this one.</summary>
    public void CopyTo(Span<ulong> bits)
    {
        if (_bits is not null) _bits.CopyTo(bits);
        else AddTo(bits);
    }

    /// <summary>Adds its tokens to a set.</summary>
    public void AddTo(Span<ulong> bits)
    {
        if (_bits is not null)
        {
            for (int i = 0; i < _bits.Length; i++) bits[i] |= _bits[i];
            return;
        }

        foreach (int token in _few!) bits[token >> 6] |= 1UL << (token & 63);
    }
}
