using System.Runtime.InteropServices;
using System.Text;

namespace Reverie.Models;

/// <summary>
/// Text in Unicode's normal form C (Unicode Standard Annex 15), as Qwen's tokenizers want it. Own, because the platform's needs a library
/// of Unicode data on the machine and refuses text that is not well formed. What no composition touches, lone surrogates too, stays.
/// </summary>
internal static class CanonicalComposition
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int Leads = 19, Vowels = 21, Trails = 28, Syllables = Leads * Vowels * Trails;

    // Below this, every character is a starter in form C.
    private const char FirstToLookAt = '\u0300';

    private static readonly Lazy<Data> _data = new(() => new Data());

    /// <summary><paramref name="text"/> in form C: the same object where it is so already.</summary>
    public static string Of(string text)
    {
        int at = text.AsSpan().IndexOfAnyExceptInRange('\0', (char)(FirstToLookAt - 1));
        return at < 0 ? text : Of(text, at, _data.Value);
    }

    private static string Of(string text, int at, Data data)
    {
        StringBuilder? result = null;
        int copied = 0, starter = at > 0 ? at - 1 : 0;
        byte lastClass = 0;
        while (at < text.Length)
        {
            ushort property = data.PropertyAt(text, at, out int width);
            byte combiningClass = (byte)property;
            bool isWrong = property >= Data.MayChange || (combiningClass != 0 && lastClass > combiningClass);
            if (!isWrong)
            {
                if (combiningClass == 0) starter = at;
                lastClass = combiningClass;
                at += width;
                continue;
            }

            // From the last starter to the next that nothing before it can change.
            int end = at + width;
            while (end < text.Length && data.PropertyAt(text, end, out width) != 0) end += width;
            result ??= new StringBuilder(text.Length);
            result.Append(text, copied, starter - copied);
            Compose(text.AsSpan(starter, end - starter), result, data);
            copied = starter = at = end;
            lastClass = 0;
        }

        return result is null ? text : result.Append(text, copied, text.Length - copied).ToString();
    }

    private static void Compose(ReadOnlySpan<char> text, StringBuilder result, Data data)
    {
        List<(int Code, byte Class)> codes = [];
        for (int i = 0; i < text.Length;)
        {
            int code = CodeAt(text, i, out int width);
            Decompose(code, codes, data);
            i += width;
        }

        // Marks in the order of their classes; equal ones, and what stands on both sides of a starter, keep theirs.
        for (int i = 0; i < codes.Count;)
        {
            int end = i + 1;
            if (codes[i].Class != 0)
            {
                while (end < codes.Count && codes[end].Class != 0) end++;
                (int Code, byte Class)[] ordered = [.. codes[i..end].OrderBy(c => c.Class)];
                for (int k = i; k < end; k++) codes[k] = ordered[k - i];
            }

            i = end;
        }

        int starter = -1, kept = 0;
        byte lastClass = 0;
        foreach ((int code, byte combiningClass) in CollectionsMarshal.AsSpan(codes))
        {
            // What stands between a starter and a mark keeps them apart unless its class is lower.
            bool isBlocked = kept > starter + 1 && (lastClass == 0 || lastClass >= combiningClass);
            if (starter >= 0 && !isBlocked && data.Composed(codes[starter].Code, code) is >= 0 and int composed)
            {
                codes[starter] = (composed, 0);
                continue;
            }

            if (combiningClass == 0) starter = kept;
            lastClass = combiningClass;
            codes[kept++] = (code, combiningClass);
        }

        for (int i = 0; i < kept; i++)
        {
            // A lone surrogate is a code of its own here, and no rune.
            if (codes[i].Code <= char.MaxValue) result.Append((char)codes[i].Code);
            else result.Append(new Rune(codes[i].Code).ToString());
        }
    }

    private static void Decompose(int code, List<(int Code, byte Class)> codes, Data data)
    {
        int syllable = code - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            codes.Add((LeadBase + (syllable / (Vowels * Trails)), 0));
            codes.Add((VowelBase + (syllable / Trails % Vowels), 0));
            if (syllable % Trails > 0) codes.Add((TrailBase + (syllable % Trails), 0));
            return;
        }

        if (!data.Decompositions.TryGetValue(code, out (int First, int Second) parts))
        {
            codes.Add((code, data.ClassOf(code)));
            return;
        }

        Decompose(parts.First, codes, data);
        if (parts.Second >= 0) Decompose(parts.Second, codes, data);
    }

    private static int CodeAt(ReadOnlySpan<char> text, int i, out int width)
    {
        width = 1;
        if (!char.IsHighSurrogate(text[i]) || i + 1 >= text.Length || !char.IsLowSurrogate(text[i + 1])) return text[i];
        width = 2;
        return char.ConvertToUtf32(text[i], text[i + 1]);
    }

    /// <summary>The tables, built when the first text needs them.</summary>
    private sealed class Data
    {
        /// <summary>Set in a property: the character is not in form C, or one before it may take it in. Below it stands the combining class.</summary>
        public const ushort MayChange = 0x100;

        private readonly ushort[] _basicPlane = new ushort[char.MaxValue + 1];
        private readonly Dictionary<int, ushort> _beyond = [];
        private readonly Dictionary<(int, int), int> _compositions = [];

        public Data()
        {
            int code = 0;
            foreach (string text in Entries(UnicodeComposition.CombiningClasses))
            {
                string[] entry = text.Split(',');
                code += Number(entry[0]);
                for (int i = 0; i < Number(entry[1]); i++) Mark(code + i, (ushort)Number(entry[2]));
            }

            code = 0;
            foreach (string text in Entries(UnicodeComposition.Decompositions))
            {
                string[] entry = text.Split(',', '!');
                code += Number(entry[0]);
                (int first, int second) = (Number(entry[1]), entry.Length > 2 ? Number(entry[2]) : -1);
                Decompositions.Add(code, (first, second));
                bool composes = second >= 0 && !text.Contains('!');
                if (composes) _compositions.Add((first, second), code);
                Mark(composes ? second : code, MayChange);
            }

            for (int vowel = 0; vowel < Vowels; vowel++) Mark(VowelBase + vowel, MayChange);
            for (int trail = 1; trail < Trails; trail++) Mark(TrailBase + trail, MayChange);
        }

        public Dictionary<int, (int First, int Second)> Decompositions { get; } = [];

        public byte ClassOf(int code) => (byte)(code <= char.MaxValue ? _basicPlane[code] : _beyond.GetValueOrDefault(code));

        public ushort PropertyAt(string text, int i, out int width)
        {
            char c = text[i];
            width = 1;
            if (!char.IsHighSurrogate(c)) return _basicPlane[c];
            int code = CodeAt(text, i, out width);
            return width == 2 ? _beyond.GetValueOrDefault(code) : (ushort)0;
        }

        public int Composed(int first, int second)
        {
            int lead = first - LeadBase, vowel = second - VowelBase;
            if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels) return SyllableBase + (((lead * Vowels) + vowel) * Trails);
            int syllable = first - SyllableBase, trail = second - TrailBase;
            if (syllable is >= 0 and < Syllables && syllable % Trails == 0 && trail is > 0 and < Trails) return first + trail;
            return _compositions.GetValueOrDefault((first, second), -1);
        }

        private void Mark(int code, ushort property)
        {
            if (code <= char.MaxValue) _basicPlane[code] |= property;
            else _beyond[code] = (ushort)(_beyond.GetValueOrDefault(code) | property);
        }

        private static string[] Entries(string table) => table.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

        private static int Number(string digits)
        {
            int number = 0;
            foreach (char c in digits) number = (number * 36) + (c <= '9' ? c - '0' : c - 'a' + 10);
            return number;
        }
    }
}
