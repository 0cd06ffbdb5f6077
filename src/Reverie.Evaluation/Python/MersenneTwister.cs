using System.Numerics;

namespace Reverie.Evaluation;

/// <summary>
/// CPython's <c>random.Random</c>: MT19937 (Matsumoto and Nishimura, 1998), seeded by an integer, with its ways to sample and to
/// shuffle. Public evaluations draw their few-shot examples with it; everything else in the house draws from <see cref="Tensors.RandomStream"/>.
/// </summary>
public sealed class MersenneTwister
{
    private const int Size = 624, Middle = 397;

    private readonly uint[] _state = new uint[Size];
    private int _index = Size;

    /// <summary><c>random.Random(seed)</c>; CPython takes the absolute value of the seed.</summary>
    public MersenneTwister(long seed)
    {
        ulong size = seed < 0 ? 0UL - (ulong)seed : (ulong)seed;
        uint[] key = size > uint.MaxValue ? [(uint)size, (uint)(size >> 32)] : [(uint)size];
        _state[0] = 19650218;
        for (uint i = 1; i < Size; i++) _state[i] = 1812433253 * (_state[i - 1] ^ (_state[i - 1] >> 30)) + i;
        int at = 1, word = 0;
        for (int n = Math.Max(Size, key.Length); n > 0; n--)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1664525)) + key[word] + (uint)word;
            word = (word + 1) % key.Length;
            Advance(ref at);
        }

        for (int n = Size - 1; n > 0; n--)
        {
            _state[at] = (_state[at] ^ ((_state[at - 1] ^ (_state[at - 1] >> 30)) * 1566083941)) - (uint)at;
            Advance(ref at);
        }

        _state[0] = 0x80000000;
    }

    /// <summary>32 random bits, <c>getrandbits(32)</c>.</summary>
    public uint NextUInt32()
    {
        if (_index == Size) Generate();
        uint y = _state[_index++];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680;
        y ^= (y << 15) & 0xefc60000;
        return y ^ (y >> 18);
    }

    /// <summary>A number in [0, 1) with 53 random bits, <c>random()</c>.</summary>
    public double NextDouble()
    {
        uint high = NextUInt32() >> 5, low = NextUInt32() >> 6;
        return (high * 67108864.0 + low) * (1.0 / 9007199254740992.0);
    }

    /// <summary>An integer in [0, <paramref name="exclusiveMaximum"/>): as many bits as it needs, drawn again while too large.</summary>
    public int Next(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(exclusiveMaximum, 1);
        int shift = BitOperations.LeadingZeroCount((uint)exclusiveMaximum);
        uint value;
        do value = NextUInt32() >> shift;
        while (value >= (uint)exclusiveMaximum);
        return (int)value;
    }

    /// <summary><c>sample(items, count)</c>: so many of the items, none twice, in the order drawn.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public T[] Sample<T>(IReadOnlyList<T> items, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, items.Count);
        var drawn = new T[count];

        // Which of the two ways is taken decides what is drawn, so the bound has to be CPython's.
        double bound = 21 + (count > 5 ? Math.Pow(4, Math.Ceiling(Math.Log(count * 3) / Math.Log(4))) : 0);
        if (items.Count <= bound)
        {
            T[] pool = [.. items];
            for (int i = 0; i < count; i++)
            {
                int j = Next(items.Count - i);
                drawn[i] = pool[j];
                pool[j] = pool[items.Count - i - 1];
            }

            return drawn;
        }

        var taken = new HashSet<int>();
        for (int i = 0; i < count; i++)
        {
            int j = Next(items.Count);
            while (!taken.Add(j)) j = Next(items.Count);
            drawn[i] = items[j];
        }

        return drawn;
    }

    /// <summary><c>shuffle(items)</c>.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    private void Advance(ref int at)
    {
        if (++at < Size) return;
        _state[0] = _state[Size - 1];
        at = 1;
    }

    private void Generate()
    {
        for (int i = 0; i < Size; i++)
        {
            uint y = (_state[i] & 0x80000000) | (_state[(i + 1) % Size] & 0x7fffffff);
            _state[i] = _state[(i + Middle) % Size] ^ (y >> 1) ^ ((y & 1) == 0 ? 0 : 0x9908b0df);
        }

        _index = 0;
    }
}
