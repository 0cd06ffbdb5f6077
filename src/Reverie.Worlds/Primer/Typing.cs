using System.Text;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>People do not type like books: no capitals, no full stop, American spelling, a slip of the finger.</summary>
internal static class Typing
{
    /// <summary>The text as someone might type it; most of the time unchanged.</summary>
    public static string AsTyped(string text, RandomStream random)
    {
        if (random.Next(3) == 0) text = text.Replace("colour", "color").Replace("avourite", "avorite");
        int habit = random.Next(20);
        if (habit < 11) return text;
        if (habit < 17) text = WithoutCapitals(text);
        if (habit is >= 13 && text.Length > 2 && text[^1] is '.' or '?' or '!') text = text[..^1];
        if (habit is 15 or 16) text = text.Replace("'", "").Replace(",", "");
        if (habit == 19) text = WithSlip(text, random);
        return text;
    }

    // Names keep their capital when they are rare: nobody could know how to write "tolvika" back.
    private static string WithoutCapitals(string text)
    {
        var typed = new StringBuilder(text.Length);
        foreach (string word in text.Split(' '))
        {
            if (typed.Length > 0) typed.Append(' ');
            typed.Append(Names.IsInvented(word.AsSpan().TrimEnd(".!?,")) ? word : word.ToLowerInvariant());
        }

        return typed.ToString();
    }

    // Two neighbouring letters inside one long word change places.
    private static string WithSlip(string text, RandomStream random)
    {
        char[] letters = text.ToCharArray();
        for (int attempt = 0; attempt < 8; attempt++)
        {
            int i = random.Next(letters.Length);
            if (i < 1 || i + 2 >= letters.Length) continue;
            if (!char.IsLower(letters[i - 1]) || !char.IsLower(letters[i]) || !char.IsLower(letters[i + 1]) || !char.IsLower(letters[i + 2])) continue;
            (letters[i], letters[i + 1]) = (letters[i + 1], letters[i]);
            break;
        }

        return new string(letters);
    }
}
