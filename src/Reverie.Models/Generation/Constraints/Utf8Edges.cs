namespace Reverie.Models;

/// <summary>Turns sets of characters into steps over bytes: the UTF-8 forms, shortest only (RFC 3629).</summary>
internal static class Utf8Edges
{
    private static readonly (int First, int Last, int Bytes, int Lead)[] _forms =
        [(0, 0x7F, 1, 0), (0x80, 0x7FF, 2, 0xC0), (0x800, 0xFFFF, 3, 0xE0), (0x10000, 0x10FFFF, 4, 0xF0)];

    /// <summary>The steps from a position that reads one character of <paramref name="set"/> and goes on at <paramref name="next"/>.</summary>
    /// <param name="set">Not empty.</param>
    /// <param name="next">Where it goes on.</param>
    /// <param name="position">Gives the position with these steps.</param>
    public static ByteEdge[] Of(CodePointSet set, int next, Func<ByteEdge[], int> position)
    {
        var edges = new List<ByteEdge>();
        foreach ((int first, int last, int bytes, int lead) in _forms)
        {
            (int, int)[] inForm = [.. set.Ranges.Where(r => r.First <= last && r.Last >= first).Select(r => (Math.Max(r.First, first), Math.Min(r.Last, last)))];
            if (inForm.Length > 0) AddLevel(inForm, bytes - 1, lead, edges);
        }

        return [.. edges];

        // Any bytes that go on a character.
        int Rest(int bytes)
        {
            int target = next;
            for (; bytes > 0; bytes--) target = position([new ByteEdge(0x80, 0xBF, target)]);
            return target;
        }

        // The numbers' upper bits are this byte's, six bits are in each of the bytes after it.
        void AddLevel((int First, int Last)[] ranges, int after, int lead, List<ByteEdge> into)
        {
            int shift = 6 * after;
            int low = ranges[0].First >> shift, high = ranges[^1].Last >> shift;
            for (int value = low; value <= high; value++)
            {
                int start = value << shift, end = start + (1 << shift) - 1;
                (int First, int Last)[] inside = [.. ranges.Where(r => r.First <= end && r.Last >= start).Select(r => (Math.Max(r.First, start) - start, Math.Min(r.Last, end) - start))];
                if (inside.Length == 0) continue;
                int target = next;
                if (inside[0] == (0, (1 << shift) - 1))
                {
                    target = Rest(after);
                }
                else
                {
                    var deeper = new List<ByteEdge>();
                    AddLevel(inside, after - 1, 0x80, deeper);
                    target = position([.. deeper]);
                }

                byte value8 = (byte)(lead + value);
                if (into.Count > 0 && into[^1].Next == target && into[^1].Last + 1 == value8) into[^1] = into[^1] with { Last = value8 };
                else into.Add(new ByteEdge(value8, value8, target));
            }
        }
    }
}
