using System.Text.RegularExpressions;

namespace Reverie.Worlds;

/// <summary>What a reader notes down about a told story, from its opening; and whether the story keeps to it.</summary>
/// <param name="Kind">What the hero is.</param>
/// <param name="Hero">The hero's name.</param>
/// <param name="HelperKind">What the helper is.</param>
/// <param name="Helper">The helper's name.</param>
/// <param name="Goal">What the hero wanted.</param>
/// <param name="IsConsistent">Whether hero, helper and goal stay the same to a proper end, and nobody else slips in.</param>
public sealed partial record StoryOutline(string Kind, string Hero, string HelperKind, string Helper, string Goal, bool IsConsistent)
{
    private static readonly Regex[] Goals = [.. StoryPlot.All.Select(plot => new Regex(
        "^" + plot.Goal.Replace("a {key}", "an? (?<key>.+)").Replace("{key}", "(?<key>.+)").Replace("{his}", "(?:his|her)").Replace("{rel}", "[a-z]+") + "$", RegexOptions.CultureInvariant))];

    /// <summary>Reads a story; null when it has no hero, helper or goal.</summary>
    public static StoryOutline? Read(string story)
    {
        MatchCollection named = Named().Matches(story), called = Called().Matches(story);
        Match wanted = Wanted().Match(story);
        if (named.Count != 1 || called.Count != 1 || !wanted.Success || wanted.Index > called[0].Index) return null;
        string kind = named[0].Groups["kind"].Value, hero = named[0].Groups["name"].Value;
        string helperKind = called[0].Groups["kind"].Value, helper = called[0].Groups["name"].Value;
        string goal = wanted.Groups["goal"].Value;
        string? key = Goals.Select(pattern => pattern.Match(goal)).Where(match => match.Success).Select(match => match.Groups["key"].Value).MinBy(found => found.Length);
        if (key is null) return null;
        bool consistent = hero != helper && wanted.Groups["name"].Value == hero && EndsProperly(story)
            && KeepsCast(story, kind, hero, helperKind, helper) && Concludes(story[called[0].Index..], hero, helper, key);
        return new(kind, hero, helperKind, helper, goal, consistent);
    }

    private static bool EndsProperly(string story) => story.Length is > 150 and < 1500 && story[^1] is '.' or '!' or '"';

    // After the helper's entry the story goes on for a while, without saying anything twice; its last three sentences
    // name hero, helper and what was wanted.
    private static bool Concludes(string rest, string hero, string helper, string key)
    {
        string[] sentences = Sentence().Split(rest)[1..];
        if (sentences.Length < 3 || sentences.Distinct().Count() != sentences.Length) return false;
        string ending = string.Join(' ', sentences[^3..]);
        return Reply.HasWords(ending, hero) && Reply.HasWords(ending, helper) && Reply.HasWords(ending, key);
    }

    private static bool KeepsCast(string story, string kind, string hero, string helperKind, string helper)
    {
        foreach (Match word in Word().Matches(story))
        {
            string text = word.Value;
            if (text == hero || text == helper || text == kind || text == helperKind) continue;
            if (Stories.IsName(text) || Stories.IsKind(text)) return false;
            bool startsSentence = word.Index == 0 || story[word.Index - 1] == '"' || (word.Index > 1 && story[word.Index - 2] is '.' or '!' or '?' or '"');
            if (char.IsUpper(text[0]) && !startsSentence && text != "I") return false;
        }

        return true;
    }

    [GeneratedRegex("(?<kind>[a-z]+) named (?<name>[A-Z][a-z]+)")]
    private static partial Regex Named();

    [GeneratedRegex("(?<kind>[a-z]+) called (?<name>[A-Z][a-z]+)")]
    private static partial Regex Called();

    [GeneratedRegex("(?<name>[A-Z][a-z]+)(?: woke up and)? wanted (?<goal>[^.!?\"]+)\\.")]
    private static partial Regex Wanted();

    [GeneratedRegex("(?<=[.!?]\"?) ")]
    private static partial Regex Sentence();

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
