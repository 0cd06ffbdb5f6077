using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>Ways to say one thing: those that training shows, and those kept for examinations.</summary>
internal sealed record Wordings(string[] Train, string[] HeldOut)
{
    /// <summary>One wording of the split. Out of distribution the content is new, so either kind will do.</summary>
    public string Pick(Split split, RandomStream random) => random.Pick(split == Split.Train ? Train : HeldOut);
}

/// <summary>Which compositions are kept out of training, and small work on sentences.</summary>
internal static class Composition
{
    /// <summary>Whether a composition belongs to the held-out one in <paramref name="oneIn"/>: a fixed property of the world, whatever the seed.</summary>
    public static bool IsHeldOut(string composition, int oneIn)
    {
        ulong hash = 14695981039346656037UL;
        foreach (char c in composition) hash = (hash ^ c) * 1099511628211UL;
        return (hash ^ (hash >> 29)) * 0xBF58476D1CE4E5B9UL >> 33 < (1UL << 31) / (ulong)oneIn;
    }

    /// <summary>Whether the composition may be used in the split: training has what is not held out, the other splits have what is.</summary>
    public static bool Fits(string composition, Split split, int oneIn) => IsHeldOut(composition, oneIn) == (split != Split.Train);

    /// <summary>"a fox", "an owl".</summary>
    public static string WithArticle(string noun) => (noun[0] is 'a' or 'e' or 'i' or 'o' or 'u' && !noun.StartsWith("uni", StringComparison.Ordinal) ? "an " : "a ") + noun;

    /// <summary>The text with a capital first letter.</summary>
    public static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>Fills the slots {a}, {b}, ... of a template; every sentence starts with a capital.</summary>
    public static string Fill(string template, params ReadOnlySpan<(string Slot, string Value)> slots)
    {
        var text = new StringBuilder(template.Length + 64);
        for (int i = 0; i < template.Length; i++)
        {
            if (template[i] != '{')
            {
                text.Append(template[i]);
                continue;
            }

            int end = template.IndexOf('}', i);
            ReadOnlySpan<char> name = template.AsSpan(i + 1, end - i - 1);
            bool found = false;
            foreach ((string slot, string value) in slots)
            {
                if (!name.SequenceEqual(slot)) continue;
                text.Append(value);
                found = true;
                break;
            }

            if (!found) throw new ArgumentException($"The template \"{template}\" has a slot {{{name}}} that nothing fills.", nameof(slots));
            i = end;
        }

        bool start = true;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (start && char.IsLetter(c)) text[i] = char.ToUpperInvariant(c);
            if (char.IsLetterOrDigit(c)) start = false;
            else if (c is '.' or '!' or '?' && i + 1 < text.Length && text[i + 1] is ' ' or '\n') start = true;
        }

        return text.ToString();
    }
}
