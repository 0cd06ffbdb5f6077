namespace Reverie.Sleep;

/// <summary>The words by which statements are ranked: those of <see cref="SearchWords"/> without stop words, English endings taken off.</summary>
internal static class MemoryWords
{
    /// <summary>The term of all words by which somebody speaks of themselves. It tells statements apart, but is not enough to find one.</summary>
    public const string Self = "i";

    // Function words of English, the pieces that apostrophes leave, and the words with which people talk about telling and remembering.
    // Other languages have only their words' rarity.
    private static readonly HashSet<string> _stop =
    [
        .. """
        a an the this that these those here there
        you your yours yourself he him his himself she her hers herself it its itself we us our ours they them their theirs one
        am is are was were be been being do does did doing done have has had having can could will would shall should may might must
        and or but if so as than then because while of at by for with about against between into through during before after above below to from up down in out on off over under again
        who whom whose what which when where why how
        no not nor only own same too very just also now ever never still yet any some all both each other more most such much many
        s t m d ll re ve don doesn didn isn aren wasn weren hasn haven hadn won wouldn couldn shouldn can cannot ain
        oh well hi hello hey yes ok okay please thanks thank
        tell told know knew known remember remind said say says think thought wonder wondering curious ask question
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries),
    ];

    // Who asks of themselves wants what they said of themselves, and not of anybody else.
    private static readonly HashSet<string> _self = ["i", "me", "my", "mine", "myself"];

    private static readonly string _call = Stem("called"), _name = Stem("name");

    // Words without which a statement says the same.
    private static readonly HashSet<string> _fillers = [.. "a an the and but so oh well hi hello hey yes ok okay please just also now".Split(' ')];

    /// <summary>The words of a text that say what it is about, in order. What something is called is its name.</summary>
    public static IEnumerable<string> Terms(string text) => SearchWords.Split(text).Where(w => !_stop.Contains(w.Word)).Select(w => _self.Contains(w.Word) ? Self : Stem(w.Word)).Select(t => t == _call ? _name : t);

    /// <summary>What two statements have in common that say the same in the same words: all words but fillers, without case, accents, punctuation and endings.</summary>
    public static string Key(string text) => string.Join(' ', SearchWords.Split(text).Where(w => !_fillers.Contains(w.Word)).Select(w => Stem(w.Word)));

    /// <summary>
    /// Takes off plural, -ed, -ing and a last e (steps 1 and 5a of Porter, "An algorithm for suffix stripping", 1980): lives, lived, living and live are
    /// one. Words that are not of the letters a to z stay as they are.
    /// </summary>
    public static string Stem(string word)
    {
        if (word.Length < 3 || !word.All(char.IsAsciiLetterLower)) return word;
        if (word.EndsWith("sses", StringComparison.Ordinal) || word.EndsWith("ies", StringComparison.Ordinal)) word = word[..^2];
        else if (word[^1] == 's' && word[^2] != 's') word = word[..^1];

        string stem = Without(word, "eed") is not null ? word[..^1] : Without(word, "ed") ?? Without(word, "ing") ?? word;
        if (stem.Length < word.Length && stem.Length > 3 && stem[^1] == stem[^2] && stem[^1] is not ('l' or 's' or 'z')) stem = stem[..^1];
        if (stem.Length > 3 && stem[^1] == 'e') stem = stem[..^1];
        if (stem.Length > 2 && stem[^1] == 'y' && HasVowel(stem.AsSpan(0, stem.Length - 1))) stem = stem[..^1] + "i";
        return stem;
    }

    private static string? Without(string word, string ending) =>
        word.EndsWith(ending, StringComparison.Ordinal) && HasVowel(word.AsSpan(0, word.Length - ending.Length)) ? word[..^ending.Length] : null;

    private static bool HasVowel(ReadOnlySpan<char> letters) => letters.ContainsAny("aeiou") || letters.Length > 1 && letters[1..].Contains('y');
}
