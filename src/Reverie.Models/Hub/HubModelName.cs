using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>A model on the Hugging Face hub, written <c>hf:OWNER/NAME[/FILE.gguf][@REVISION]</c>.</summary>
/// <param name="Name"><c>OWNER/NAME</c>, or the bare name of one of the hub's oldest models.</param>
/// <param name="File">One file of the repository; null for the model's folder.</param>
/// <param name="Revision">Branch, tag or commit; null for <c>main</c>.</param>
public sealed partial record HubModelName(string Name, string? File = null, string? Revision = null)
{
    /// <summary>The name without its owner, as the workspace would call the model.</summary>
    public string ShortName => Name[(Name.IndexOf('/') + 1)..];

    /// <summary>Whether <paramref name="text"/> names something on the hub.</summary>
    public static bool IsHubName(string text) => text.StartsWith("hf:", StringComparison.Ordinal);

    /// <summary>Reads a name.</summary>
    /// <exception cref="ReverieException">It is not written like one.</exception>
    public static HubModelName Parse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success || text.Contains("..", StringComparison.Ordinal))
            throw new ReverieException($"{SafeTensorsHeader.Printable(text)} is not a model's name; write hf:OWNER/NAME, hf:OWNER/NAME@REVISION or hf:OWNER/NAME/FILE.gguf.");
        return new HubModelName(match.Groups[1].Value, Optional(match.Groups[2]), Optional(match.Groups[3]));

        static string? Optional(Group group) => group.Success ? group.Value : null;
    }

    /// <summary>The name as it is written.</summary>
    public override string ToString() => $"hf:{Name}{(File is null ? "" : "/" + File)}{(Revision is null ? "" : "@" + Revision)}";

    [GeneratedRegex(@"^hf:((?:\w[\w.-]*/)?\w[\w.-]*)(?:/((?:[\w.-]+/)*[\w.-]+\.gguf))?(?:@(\w[\w./-]*))?$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
