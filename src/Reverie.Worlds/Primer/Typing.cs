using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>People do not type like books: no capitals, no full stop, American spelling, a slip of the finger.</summary>
public static class Typing
{
    private static readonly string[] Slippery = ["what", "story", "please", "tell", "about", "know", "favourite", "many", "your", "letters", "much", "remember", "name", "does", "colour", "with", "hello", "thank"];

    /// <summary>The text as someone might type it; most of the time unchanged.</summary>
    public static string AsTyped(string text, RandomStream random)
    {
        if (random.Next(3) == 0) text = text.Replace("colour", "color").Replace("avourite", "avorite");
        int habit = random.Next(22);
        if (habit < 11) return text;
        if (habit < 17) text = WithoutCapitals(text);
        if (habit is >= 13 && text.Length > 2 && text[^1] is '.' or '?' or '!') text = text[..^1];
        if (habit is 15 or 16) text = text.Replace("'", "").Replace(",", "");
        if (habit >= 19) text = WithSlip(text, random);
        return text;
    }

    // Names keep their capital when they are rare: nobody could know how to write "tolvika" back.
    private static string WithoutCapitals(string text)
    {
        if (!text.Contains(' ')) return Names.IsListed(text.AsSpan().TrimEnd(".!?,")) ? text.ToLowerInvariant() : text;
        var typed = new StringBuilder(text.Length);
        bool begins = true;
        foreach (string word in text.Split(' '))
        {
            if (typed.Length > 0) typed.Append(' ');
            ReadOnlySpan<char> bare = word.AsSpan().TrimEnd(".!?,");
            bool isRareName = bare.Length > 2 && char.IsUpper(bare[0]) && !Names.IsListed(bare) && (!begins || Names.IsInvented(bare));
            typed.Append(isRareName ? word : word.ToLowerInvariant());
            begins = word.Length > 0 && word[^1] is '.' or '!' or '?';
        }

        return typed.ToString();
    }

    // Two neighbouring letters change places, only in words that nobody has to copy back.
    private static string WithSlip(string text, RandomStream random)
    {
        string word = random.Pick(Slippery);
        int at = text.IndexOf(word, StringComparison.Ordinal);
        if (at < 0) return text;
        char[] letters = text.ToCharArray();
        int i = at + 1 + random.Next(word.Length - 2);
        (letters[i], letters[i + 1]) = (letters[i + 1], letters[i]);
        return new string(letters);
    }
}
