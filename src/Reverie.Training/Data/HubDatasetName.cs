using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>A data set on the Hugging Face hub, written <c>hf:OWNER/NAME[:CONFIG][@SPLIT]</c>.</summary>
/// <param name="Name"><c>OWNER/NAME</c>, or the bare name of one of the hub's oldest data sets.</param>
/// <param name="Config">The configuration (subset); null for the default one.</param>
/// <param name="Split">The split; null for <c>train</c>.</param>
public sealed partial record HubDatasetName(string Name, string? Config, string? Split)
{
    /// <summary>A name for reports that can also name a file: <c>NAME[-CONFIG][-SPLIT]</c>.</summary>
    public string ShortName => string.Concat($"{Name[(Name.IndexOf('/') + 1)..]}{(Config is null ? "" : "-" + Config)}{(Split is null ? "" : "-" + Split)}"
        .Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_'));

    /// <summary>Whether <paramref name="text"/> names something on the hub.</summary>
    public static bool IsHubName(string text) => text.StartsWith("hf:", StringComparison.Ordinal);

    /// <summary>Reads a name.</summary>
    /// <exception cref="ReverieException">It is not written like one.</exception>
    public static HubDatasetName Parse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
            throw new ReverieException($"{text} is not a data set's name; write hf:OWNER/NAME, hf:OWNER/NAME:CONFIG or hf:OWNER/NAME:CONFIG@SPLIT.");
        return new HubDatasetName(match.Groups[1].Value, Optional(match.Groups[2]), Optional(match.Groups[3]));

        static string? Optional(Group group) => group.Success ? group.Value : null;
    }

    /// <summary>The name as it is written.</summary>
    public override string ToString() => $"hf:{Name}{(Config is null ? "" : ":" + Config)}{(Split is null ? "" : "@" + Split)}";

    [GeneratedRegex(@"^hf:((?:\w[\w.-]*/)?\w[\w.-]*)(?::([^:@/\\]+))?(?:@([^:@/\\]+))?$", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
