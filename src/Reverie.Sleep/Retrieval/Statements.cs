using Reverie.Models;

namespace Reverie.Sleep;

/// <summary>The sentences of a text that state something. A question is no memory: it would be found for itself, and hold no answer.</summary>
public static class Statements
{
    private const int LongestStatement = 1000;

    private static readonly HashSet<string> _abbreviations = ["dr", "mr", "mrs", "ms", "prof", "st", "vs", "etc", "approx", "no", "nr", "jr", "sr", "e.g", "i.e", "z.b", "d.h", "ca"];

    private static readonly HashSet<string> _auxiliaries = [.. "am is are was were do does did have has had can could will would shall should may might must".Split(' ')];

    private static readonly HashSet<string> _subjects = [.. "i you he she it we they my your his her its our their this that these those the there a an any anyone someone".Split(' ')];

    // Who or what they mean stands in the sentence before.
    private static readonly HashSet<string> _persons = [.. "he she they his her hers their theirs him them".Split(' ')];

    private static readonly HashSet<string> _things = [.. "it its this that these those".Split(' ')];

    /// <summary>What a person stated in a message: whole sentences, every character of which was typed. Nothing where the message is not a person's or came from a file.</summary>
    public static IEnumerable<string> Of(JournalMessage message) => message.Role is not Role.User || message.IsImported ? [] :
        message.Parts.Where(p => p.Kind is PartKind.Text).SelectMany(p => Joined(p.Text).Where(s => IsTyped(p, s.Start, s.Length)).Select(s => p.Text.Substring(s.Start, s.Length)));

    /// <summary>The statements of a text in order. One that begins with "he", "it" or the like comes with the sentence before it, without which it says nothing.</summary>
    public static IEnumerable<string> Split(string text) => Joined(text).Select(s => text.Substring(s.Start, s.Length));

    /// <summary>
    /// Whether a sentence asks: it ends with a question mark, or begins as English questions do, for people leave the mark out ("where do i live", "is it
    /// raining", but not "when I was five").
    /// </summary>
    public static bool IsQuestion(string sentence)
    {
        if (sentence.AsSpan().TrimEnd("\"')]»”’ !.").EndsWith("?") || sentence.Contains('？')) return true;
        string[] words = [.. SearchWords.Split(sentence).Take(6).Select(w => w.Word)];
        if (words.Length < 2) return false;
        if (_auxiliaries.Contains(words[0])) return _subjects.Contains(words[1]);
        if (words[0] is "who" or "whose" or "whom") return true;
        if (words[0] is not ("what" or "where" or "when" or "why" or "which" or "how")) return false;
        if (words[0] is not "when" && (_auxiliaries.Contains(words[1]) || words[1] == "s")) return true;
        return Enumerable.Range(1, words.Length - 2).Any(i => _auxiliaries.Contains(words[i]) && _subjects.Contains(words[i + 1]) && !words[1..i].Any(_subjects.Contains));
    }

    /// <summary>Where statements stand in a text. Questions are left out, but for those to which the next sentence refers.</summary>
    private static IEnumerable<(int Start, int Length)> Joined(string text)
    {
        (int Start, int End, bool IsStated, bool IsAsked)? before = null;
        foreach ((int start, int length) in Sentences(text))
        {
            string sentence = text.Substring(start, length);
            bool asks = IsQuestion(sentence);
            string first = SearchWords.Split(sentence).FirstOrDefault().Word ?? "";
            // "Do you know my dog? He is called Rufus." and "My favourite colour? It is red.", but not "Where am I? It is cold.".
            if (before is { } last && !asks && (_persons.Contains(first) || (_things.Contains(first) && !last.IsAsked)) && start + length - last.Start <= LongestStatement)
            {
                before = (last.Start, start + length, true, false);
                continue;
            }

            if (before is { IsStated: true } whole) yield return (whole.Start, whole.End - whole.Start);
            before = (start, start + length, !asks, IsQuestion(sentence.TrimEnd('?')));
        }

        if (before is { IsStated: true } end) yield return (end.Start, end.End - end.Start);
    }

    /// <summary>Where sentences stand in a text, without the white space around them. A line ends a sentence; so do . ! and ? before white space.</summary>
    private static IEnumerable<(int Start, int Length)> Sentences(string text)
    {
        for (int start = 0, i = 0; i <= text.Length; i++)
        {
            if (i < text.Length && !EndsAt(text, start, i)) continue;
            int end = Math.Min(i + 1, text.Length), from = start;
            start = end;
            while (from < end && char.IsWhiteSpace(text[from])) from++;
            while (end > from && char.IsWhiteSpace(text[end - 1])) end--;
            if (end > from && end - from <= LongestStatement) yield return (from, end - from);
        }
    }

    private static bool EndsAt(string text, int start, int i)
    {
        if (text[i] is '\n' or '\r' or '。' or '！' or '？') return true;
        bool isLast = i + 1 == text.Length || char.IsWhiteSpace(text[i + 1]);
        if (text[i] is '"' or '”' or ')' or '»' or '’') return isLast && i > start && text[i - 1] is '.' or '!' or '?';
        if (text[i] is not ('.' or '!' or '?') || !isLast) return false;
        if (text[i] != '.') return true;
        int word = i;
        while (word > start && !char.IsWhiteSpace(text[word - 1])) word--;
        if (i - word == 1 && char.IsUpper(text[word]) && text[word] != 'I' || _abbreviations.Contains(text[word..i].ToLowerInvariant().TrimStart('('))) return false;
        int next = i + 1;
        while (next < text.Length && text[next] is ' ' or '\t') next++;
        return next >= text.Length || !char.IsLower(text[next]);
    }

    private static bool IsTyped(MessagePart part, int start, int length) =>
        part.Spans.All(s => s.Source is Provenance.Typed || s.Start >= start + length || s.Start + s.Length <= start || IsSpace(part.Text.AsSpan(Math.Max(start, s.Start), Math.Min(start + length, s.Start + s.Length) - Math.Max(start, s.Start))));

    private static bool IsSpace(ReadOnlySpan<char> text) => text.IsWhiteSpace();
}
