using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Reverie.Worlds;

/// <summary>
/// Reads a sentence that states a <see cref="Fact"/> in one of the wordings of <see cref="Relations"/>, as people type it: with or without
/// capitals and full stop, with a greeting before it. What it cannot read it leaves; it never guesses.
/// </summary>
public static partial class FactReader
{
    // A value or a name that has one of these words is no value: "I live in the same town as you", "she is called that because".
    private static readonly HashSet<string> NotInValues =
    [
        "i", "me", "my", "mine", "you", "your", "he", "him", "his", "she", "her", "it", "its", "we", "us", "our", "they", "them", "their", "this", "that", "these", "those", "who", "what", "which", "where", "when", "why", "how",
        "is", "are", "was", "were", "am", "be", "been", "not", "no", "never", "always", "must", "should", "will", "would", "can", "could", "do", "does", "did", "don't", "isn't", "if", "because", "but", "or", "so", "than", "and", "to",
        "same", "very", "too", "quite", "just", "only", "also", "maybe", "perhaps", "now", "here", "there", "everything", "something", "anything", "nothing", "everybody", "nobody", "a", "an", "as", "of", "for", "from", "by", "with",
    ];

    // Names that sentences begin with and that are none.
    private static readonly HashSet<string> NotNames = ["today", "yesterday", "tomorrow", "please", "hello", "hi", "yes", "no", "everyone", "someone", "people", "god", "nothing", "life", "love", "sure", "okay", "ok"];

    // Words that say little: a template of these alone takes listed values only ("Tomas is a friend" is no job).
    private static readonly HashSet<string> Weak = ["is", "a", "an", "the", "has", "i", "am", "it", "you", "are"];

    private static readonly (Relation Relation, Regex Pattern, bool IsOpen)[] Patterns =
    [
        .. Relations.All.SelectMany(r => r.Statements.Concat(r.HeldOutStatements).Append(r.Kind is SubjectKind.Self ? "" : r.Answer).Where(t => t.Contains("{v}") || t.Contains("{av}")).Distinct().Select(t => (Relation: r, Template: t)))
            .OrderByDescending(t => Literal(t.Template).Length).Select(t => (t.Relation, Compile(t.Template), IsOpen(t.Relation, t.Template))),
    ];

    private static readonly (Relation Relation, Regex Pattern, bool IsOpen)[] Answers =
        [.. Relations.All.Where(r => r.Kind is SubjectKind.Self).OrderByDescending(r => Literal(r.Answer).Length).Select(r => (r, Compile(r.Answer), IsOpen(r, r.Answer)))];

    /// <summary>The fact that a sentence states; null where it states none.</summary>
    /// <param name="sentence">One sentence.</param>
    public static Fact? Read(string sentence)
    {
        if (sentence.Length > 200) return null;
        string text = Opening().Replace(Spaces().Replace(sentence.Trim(), " ").Replace('\u2019', '\'').TrimEnd('.', '!', ' '), "");
        if (text.Length == 0 || text[^1] is '?') return null;
        text = text.Replace("favorite", "favourite", StringComparison.OrdinalIgnoreCase).Replace("color ", "colour ", StringComparison.OrdinalIgnoreCase);
        foreach ((Relation relation, Regex pattern, bool isOpen) in Patterns)
        {
            Match match = pattern.Match(text);
            if (!match.Success || Value(relation, match.Groups["v"].Value, isOpen) is not { } value) continue;
            if (Subject(relation, match.Groups["e"].Success ? match.Groups["e"].Value : null) is { } subject) return new Fact(subject, relation, value);
        }

        return null;
    }

    /// <summary>The fact that a sentence of the assistant states: "Your dog is called Rufus."; null where it states none.</summary>
    /// <param name="sentence">One sentence in the assistant's voice.</param>
    public static Fact? ReadAnswer(string sentence)
    {
        string text = Spaces().Replace(sentence.Trim(), " ").TrimEnd('.', '!', ' ');
        if (sentence.Length > 200) return null;
        foreach ((Relation relation, Regex pattern, bool isOpen) in Answers)
            if (pattern.Match(text) is { Success: true } match && Value(relation, match.Groups["v"].Value, isOpen) is { } value) return new Fact("I", relation, value);
        return Read(Your().Replace(text, "my "));
    }

    /// <summary>The sentences of a text; a line's end ends a sentence too.</summary>
    public static IEnumerable<string> Sentences(string text) => End().Split(text).Select(s => s.Trim()).Where(s => s.Length > 0);

    private static string? Subject(Relation relation, string? said)
    {
        if (relation.Kind is SubjectKind.Self) return "I";
        if (said is null) return null;
        string lower = said.ToLowerInvariant();
        if (lower.StartsWith("my ", StringComparison.Ordinal))
        {
            string own = lower[3..];
            bool isRelative = Relations.Relatives.Contains(own), isThing = own.Split(' ').Length <= 2 && own.Split(' ').All(IsPlainWord);
            bool fits = relation.Kind is SubjectKind.Person ? isRelative : relation.Kind is SubjectKind.Belonging && isThing && (relation.HasNames || !isRelative);
            return fits ? lower : null;
        }

        bool hasArticle = lower.StartsWith("the ", StringComparison.Ordinal);
        if (relation.Kind is SubjectKind.Creature or SubjectKind.Plant) return hasArticle && lower[4..].Split(' ') is { Length: 1 } word && IsPlainWord(word[0]) ? lower : null;
        if (relation.Kind is not (SubjectKind.Person or SubjectKind.Town) || hasArticle) return null;
        string[] names = said.Split(' ');
        return names.Length <= 2 && names.All(n => IsPlainWord(n.ToLowerInvariant()) && !NotNames.Contains(n.ToLowerInvariant())) ? Capital(said) : null;
    }

    private static string? Value(Relation relation, string said, bool isOpen)
    {
        string value = said.Trim(' ', '"', '\'', ',');
        if (relation.Values.FirstOrDefault(v => v.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } listed) return listed;
        string[] words = value.Split(' ');
        if (!isOpen || words.Length > 3 || !words.All(w => IsPlainWord(w.ToLowerInvariant()))) return null;
        return relation.HasNames ? Capital(value) : value;
    }

    private static bool IsPlainWord(string word) => word.Length is > 0 and <= 24 && !NotInValues.Contains(word) && word.All(c => char.IsLetterOrDigit(c) || c is '-' or '\'') && !word.Any(c => char.GetUnicodeCategory(c) is UnicodeCategory.OtherLetter && c < ' ');

    private static string Capital(string name) => string.Join(' ', name.Split(' ').Select(Composition.Capital));

    private static string Literal(string template) => Slots().Replace(template, " ");

    private static bool IsOpen(Relation relation, string template) =>
        Literal(template).Split([' ', '.', ',', '?', '{', '}'], StringSplitOptions.RemoveEmptyEntries).Any(w => !Weak.Contains(w.ToLowerInvariant())) && !(relation.Kind is SubjectKind.Creature or SubjectKind.Self && template.Contains("best"));

    private static Regex Compile(string template)
    {
        var pattern = new StringBuilder("^");
        string text = template.TrimEnd('.', '!');
        int at = 0;
        foreach (Match slot in Slots().Matches(text))
        {
            pattern.Append(Regex.Escape(text[at..slot.Index]));
            pattern.Append(slot.Value switch { "{e}" => @"(?<e>(?:my |the )?[\w'-]+(?: [\w'-]+)?)", "{v}" => @"(?<v>[\w' -]+?)", _ => @"an? (?<v>[\w' -]+?)" });
            at = slot.Index + slot.Length;
        }

        // "My name's Anna", "I'm a baker".
        string whole = pattern.Append(Regex.Escape(text[at..])).Append('$').ToString().Replace(@"I\ am\ ", @"I(?:\ am|'m)\ ").Replace(@"name\ is\ ", @"name(?:\ is|'s)\ ");
        return new Regex(whole, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    [GeneratedRegex(@"\{(?:e|v|av)\}")]
    private static partial Regex Slots();

    [GeneratedRegex(@"(?<=[.!?])\s+|\n+")]
    private static partial Regex End();

    [GeneratedRegex(@"\byour ", RegexOptions.IgnoreCase)]
    private static partial Regex Your();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"^(?:(?:hello|hi|hey|well|oh|ok|okay|by the way|actually|no|yes|you know|remember that|please remember that|please remember|remember|note that|now)[,!:.]? )+", RegexOptions.IgnoreCase)]
    private static partial Regex Opening();
}
