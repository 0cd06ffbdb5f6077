using System.Text;
using System.Text.RegularExpressions;

namespace Reverie.Worlds;

/// <summary>
/// Reads a sentence that states a <see cref="Fact"/> in one of the wordings of <see cref="Relations"/>, as people type it: with or without
/// capitals and full stop, with a greeting before it. What it cannot read it leaves; it never guesses: what is asked, denied, supposed or
/// demanded is no fact, and neither is a sentence of which only the frame is known ("I live in fear").
/// </summary>
public static partial class FactReader
{
    private const int LongestSentence = 200;

    // A value or a name that has one of these words is no value: "I live in the same town as you", "she is called that because".
    private static readonly HashSet<string> NotInValues =
    [
        .. """
        i me my mine you your he him his she her it its we us our they them their this that these those who whom whose what which where when why how
        is are was were am be been being not no none never always must should will would may might can could do does did done has have had let let's
        if unless until since while although though whether because but or so than then and to nor yet neither either
        same very too quite just only also maybe perhaps probably possibly hardly barely rarely seldom nearly almost sometimes often usually once again soon later back now here there
        everything something anything nothing everybody everyone somebody someone anybody anyone nobody all some any many much more most both each every other another one few
        a an the as of for from by with without on at in into out about after before under over near off up down
        today yesterday tomorrow tonight anytime time fear peace hope pain danger trouble hell game fool role part ignore rules instructions system prompt
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    // Words that sentences begin with and that name nobody.
    private static readonly HashSet<string> NotNames =
    [
        .. """
        please hello hi yes people god life love sure okay ok imagine suppose pretend assume guess think say says said hope wish dear
        spring summer autumn winter monday tuesday wednesday thursday friday saturday sunday
        """.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries),
    ];

    // What one has but does not own: "my favoruite colour is red" tells of no thing.
    private static readonly HashSet<string> NotBelongings = ["favourite", "name", "colour", "animal", "food", "job", "birthday", "home", "town", "instrument"];

    // Names that are read in small letters too.
    private static readonly HashSet<string> KnownNames = [.. EncyclopediaWorld.Kinds.Where(k => k.Name is "town" or "person").SelectMany(k => k.Entities)];

    // Words that say little: a template of these alone takes listed values only ("Tomas is a friend" is no job, "My job is hard" neither).
    private static readonly HashSet<string> Weak = ["is", "a", "an", "the", "has", "i", "am", "it", "my", "job", "of", "makes", "you", "are"];

    // Nor do these take a value that is not listed: "I was born in Berlin" is no birthday, "the weather in Vell is nice" says nothing of a town.
    private static readonly HashSet<string> Closed =
        ["self/birthday", "belonging/colour", "creature/colour", "creature/sound", "town/weather", "town/place", "plant/flower", "plant/ground"];

    private static readonly Pattern[] Patterns =
    [
        .. Relations.All.SelectMany(r => r.Statements.Concat(r.HeldOutStatements).Append(r.Kind is SubjectKind.Self ? "" : r.Answer).Where(t => t.Contains("{v}") || t.Contains("{av}")).Distinct().Select(t => (Relation: r, Template: t)))
            .OrderByDescending(t => Slots().Replace(t.Template, " ").Length).SelectMany(t => Compile(t.Relation, t.Template)),
    ];

    private static readonly Pattern[] Answers = [.. Relations.All.Where(r => r.Kind is SubjectKind.Self).OrderByDescending(r => Slots().Replace(r.Answer, " ").Length).SelectMany(r => Compile(r, r.Answer))];

    /// <summary>The fact that a sentence states; null where it states none.</summary>
    /// <param name="sentence">One sentence.</param>
    public static Fact? Read(string sentence)
    {
        if (sentence.Length > LongestSentence) return null;
        string typed = Spaces().Replace(sentence.Trim(), " ").Replace('\u2019', '\'').TrimEnd('.', '!', ' '), text = Opening().Replace(typed, "");
        if (text.Length == 0 || text[^1] is '?') return null;
        text = Now().Replace(text, "");
        text = AmericanColour().Replace(text.Replace("favorite", "favourite", StringComparison.OrdinalIgnoreCase), "colour");
        bool hasCapitals = char.IsUpper(typed[0]);
        foreach (Pattern pattern in Patterns)
        {
            Match match = pattern.Sentence.Match(text);
            if (!match.Success || Value(pattern, match.Groups["v"].Value, hasCapitals) is not { } value) continue;
            bool isListed = pattern.Relation.Values.Contains(value);
            if (Subject(pattern, match.Groups["e"], hasCapitals, isListed) is { } subject) return new Fact(subject, pattern.Relation, value);
        }

        return null;
    }

    /// <summary>The fact that a sentence of the assistant states: "Your dog is called Rufus."; null where it states none.</summary>
    /// <param name="sentence">One sentence in the assistant's voice.</param>
    public static Fact? ReadAnswer(string sentence)
    {
        if (sentence.Length > LongestSentence) return null;
        string text = Spaces().Replace(sentence.Trim(), " ").TrimEnd('.', '!', ' ');
        foreach (Pattern pattern in Answers)
            if (pattern.Sentence.Match(text) is { Success: true } match && Value(pattern, match.Groups["v"].Value, hasCapitals: true) is { } value) return new Fact("I", pattern.Relation, value);
        return Read(Your().Replace(text, "my "));
    }

    /// <summary>The sentences of a text; a line's end ends a sentence too. "My favourite colour? It is red." is one.</summary>
    public static IEnumerable<string> Sentences(string text) => End().Split(text).Select(s => s.Trim()).Where(s => s.Length > 0);

    private static string? Subject(Pattern pattern, Group said, bool hasCapitals, bool isListed)
    {
        SubjectKind kind = pattern.Relation.Kind;
        if (kind is SubjectKind.Self) return "I";
        string lower = said.Value.ToLowerInvariant();
        if (lower.StartsWith("my ", StringComparison.Ordinal))
        {
            string own = lower[3..];
            bool isRelative = Relations.Relatives.Contains(own), isKnown = isRelative || Relations.Possessions.Contains(own);
            // "I call my dog Big Rufus": the shortest subject that is a known word, else all that is in small letters.
            if (pattern.IsShort ? !isKnown : own.Contains(' ') && said.Value[3..].Any(char.IsUpper)) return null;
            bool fits = kind is SubjectKind.Person ? isRelative : kind is SubjectKind.Belonging && own.Split(' ').All(w => IsPlainWord(w) && !NotBelongings.Contains(w)) && (pattern.Relation.HasNames || !isRelative);
            return fits ? lower : null;
        }

        bool hasArticle = lower.StartsWith("the ", StringComparison.Ordinal);
        if (kind is SubjectKind.Creature or SubjectKind.Plant) return hasArticle && said.Length > 4 && !char.IsUpper(said.Value[4]) && IsPlainWord(lower[4..]) ? lower : null;
        if (kind is not (SubjectKind.Person or SubjectKind.Town) || hasArticle) return null;
        // Who types no capitals at all begins a sentence with "tomas" as with "supper": then at least the value must be a known one.
        bool isName = said.Value.Split(' ').All(n => IsName(n, !(isListed && said.Index == 0 && !hasCapitals && !said.Value.Contains(' '))));
        return isName ? Capital(said.Value) : null;
    }

    private static string? Value(Pattern pattern, string said, bool hasCapitals)
    {
        Relation relation = pattern.Relation;
        string value = said.Trim(' ', '"', '\'', ',');
        if (relation.Values.FirstOrDefault(v => v.Equals(value, StringComparison.OrdinalIgnoreCase)) is { } listed) return listed;
        string[] words = value.Split(' ');
        if (!pattern.IsOpen || words.Length > 3) return null;
        if (!relation.HasNames) return words.All(w => IsPlainWord(w.ToLowerInvariant())) ? value : null;
        // Who begins with a capital writes names with one: "I live in fear." names no town. Without capitals a long name is hardly one.
        return value == "Will" || (words.All(w => IsName(w, hasCapitals)) && (words.Length < 3 || words.All(w => char.IsUpper(w[0])))) ? Capital(value) : null;
    }

    // Letters, digits, hyphens and apostrophes; no word that makes a sentence of a value, and no "isn't".
    private static bool IsPlainWord(string lower) =>
        lower.Length is > 0 and <= 24 && !NotInValues.Contains(lower) && !lower.EndsWith("n't", StringComparison.Ordinal) && char.IsLetterOrDigit(lower[0]) && lower.All(c => char.IsLetterOrDigit(c) || c is '-' or '\'');

    private static bool IsName(string word, bool needsCapital)
    {
        string lower = word.ToLowerInvariant();
        return IsPlainWord(lower) && !NotNames.Contains(lower) && char.IsLetter(word[0]) && (!needsCapital || char.IsUpper(word[0]) || Names.IsListed(Composition.Capital(lower)) || KnownNames.Contains(Composition.Capital(lower)));
    }

    private static string Capital(string name) => string.Join(' ', name.Split(' ').Select(Composition.Capital));

    private static IEnumerable<Pattern> Compile(Relation relation, string template)
    {
        string[] literal = Slots().Replace(template, " ").Split([' ', '.', ',', '?'], StringSplitOptions.RemoveEmptyEntries);
        // "I like the fox best" says which favourite it is by a listed value alone.
        bool isOpen = !Closed.Contains(relation.Name) && literal.Any(w => !Weak.Contains(w.ToLowerInvariant())) && !(relation.Kind is SubjectKind.Self && literal.Contains("best"));
        if (template.Contains("{e} {v}", StringComparison.Ordinal)) yield return new(relation, Compile(template, "??"), isOpen, IsShort: true);
        yield return new(relation, Compile(template, "?"), isOpen, IsShort: false);
    }

    private static Regex Compile(string template, string secondWord)
    {
        var pattern = new StringBuilder("^");
        string text = template.TrimEnd('.', '!');
        int at = 0;
        foreach (Match slot in Slots().Matches(text))
        {
            pattern.Append(Regex.Escape(text[at..slot.Index]));
            pattern.Append(slot.Value switch { "{e}" => $@"(?<e>(?:my |the )?[\w'-]+(?: [\w'-]+){secondWord})", "{v}" => @"(?<v>[\w' -]+?)", _ => @"an? (?<v>[\w' -]+?)" });
            at = slot.Index + slot.Length;
        }

        // "My name's Anna", "Im a baker", "when it is happy the lumo hums".
        string whole = pattern.Append(Regex.Escape(text[at..])).Append('$').ToString().Replace(@"I\ am\ ", @"I(?:\ am|'?m)\ ").Replace(@"name\ is\ ", @"name(?:\ is|'?s)\ ").Replace(@",\ ", @",?\ ").Replace(@"\?\ ", @"\??\ ");
        return new Regex(whole, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
    }

    [GeneratedRegex(@"\{(?:e|v|av)\}")]
    private static partial Regex Slots();

    [GeneratedRegex(@"(?<=[.!?])(?<!favou?rite \w+\?)\s+|\n+", RegexOptions.IgnoreCase)]
    private static partial Regex End();

    [GeneratedRegex(@"\byour ", RegexOptions.IgnoreCase)]
    private static partial Regex Your();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\bcolor\b", RegexOptions.IgnoreCase)]
    private static partial Regex AmericanColour();

    // What has changed is told so: "My dog is now called Max."
    [GeneratedRegex(@" (?:now|actually)(?= |$)", RegexOptions.IgnoreCase)]
    private static partial Regex Now();

    // "No Tomas ..." is no opening, "No, Tomas ..." is one.
    [GeneratedRegex(@"^(?:(?:no[,!:.]|(?:hello there|hi there|hello|hi|hey|well|oh|ok|okay|by the way|actually|yes|you know|remember that|please remember that|please remember|remember|note that|now)[,!:.]?) )+", RegexOptions.IgnoreCase)]
    private static partial Regex Opening();

    // IsOpen: it takes values that are not listed. IsShort: its subject ends as early as it can.
    private sealed record Pattern(Relation Relation, Regex Sentence, bool IsOpen, bool IsShort);
}
