using System.Text.RegularExpressions;

namespace Reverie.Worlds;

/// <summary>How lm-evaluation-harness (gsm8k, version 3) finds the answer in a reply and compares it.</summary>
public static partial class Gsm8kAnswer
{
    /// <summary>What a filter gives where it finds nothing.</summary>
    public const string Invalid = "[invalid]";

    /// <summary>strict-match: the first number after <c>####</c>.</summary>
    public static string Strict(string reply) => StrictPattern().Match(reply) is { Success: true } match ? match.Groups[1].Value.Trim() : Invalid;

    /// <summary>flexible-extract: the last number, wherever it stands.</summary>
    public static string Flexible(string reply)
    {
        Match? last = null;
        foreach (Match match in FlexiblePattern().Matches(reply)) last = match;
        return last is null ? Invalid : last.Value.Trim();
    }

    /// <summary>exact_match: equal after commas, dollar signs, everything up to <c>####</c> and a final point are gone, whatever the case.</summary>
    public static bool Matches(string answer, string target) => Plain(answer) == Plain(target);

    /// <summary>The answer as it is compared.</summary>
    public static string Plain(string text) => FinalPoint().Replace(UpToMark().Replace(text.Replace(",", "").Replace("$", ""), ""), "").ToLowerInvariant();

    [GeneratedRegex(@"#### (\-?[0-9\.\,]+)", RegexOptions.CultureInvariant)]
    private static partial Regex StrictPattern();

    [GeneratedRegex(@"(-?[$0-9.,]{2,})|(-?[0-9]+)", RegexOptions.CultureInvariant)]
    private static partial Regex FlexiblePattern();

    [GeneratedRegex("^.*#### ", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex UpToMark();

    [GeneratedRegex(@"\.$", RegexOptions.CultureInvariant)]
    private static partial Regex FinalPoint();
}
