using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>Whose words a text has, after someone worked on it.</summary>
internal static class Words
{
    private const int LongestTitle = 60;

    /// <summary>What a person typed into a box, in which stretches were pasted.</summary>
    /// <param name="text">The whole text.</param>
    /// <param name="pasted">Texts that were pasted; wherever they still stand as they were, they are not the person's words.</param>
    public static MessagePart Typed(string text, IReadOnlyList<string> pasted)
    {
        var sources = new Provenance[text.Length];
        Array.Fill(sources, Provenance.Typed);
        return Of(text, sources, pasted);
    }

    /// <summary>A reply that a person corrected: what stands before and after the change is still the model's.</summary>
    /// <param name="before">What the model said.</param>
    /// <param name="after">What stands there now.</param>
    /// <param name="pasted">Texts that were pasted, as in <see cref="Typed"/>.</param>
    public static MessagePart Corrected(string before, string after, IReadOnlyList<string> pasted)
    {
        int start = before.AsSpan().CommonPrefixLength(after), end = 0;
        while (end < Math.Min(before.Length, after.Length) - start && before[^(end + 1)] == after[^(end + 1)]) end++;
        var sources = new Provenance[after.Length];
        Array.Fill(sources, Provenance.Model);
        Array.Fill(sources, Provenance.Typed, start, after.Length - end - start);
        return Of(after, sources, pasted);
    }

    /// <summary>A conversation's title: the first words of what was said first.</summary>
    public static string Title(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Take(16));
        if (line.Length <= LongestTitle) return line.Length == 0 ? "Untitled" : line;
        int end = line.LastIndexOf(' ', LongestTitle);
        if (end < LongestTitle / 2) end = LongestTitle;
        if (char.IsHighSurrogate(line[end - 1])) end--;
        return line[..end].TrimEnd(',', ';', ':', ' ') + "…";
    }

    /// <summary>Whether an adapter's name means a person's own adapter, or none.</summary>
    public static bool IsPersonal(string adapter) => adapter == ModelCatalog.NoAdapter || adapter.Contains(PersonalAdapters.Separator);

    /// <summary>What a model wears, in words. Nobody sees another's, so that each is "mine".</summary>
    public static string Adapter(string name) => name == ModelCatalog.NoAdapter ? "without memories"
        : name.StartsWith(PersonalAdapters.Company + PersonalAdapters.Separator, StringComparison.Ordinal) ? "what the company knows"
        : IsPersonal(name) ? $"my morning {name[(name.IndexOf(PersonalAdapters.Separator, StringComparison.Ordinal) + 1)..]}"
        : name;

    private static MessagePart Of(string text, Provenance[] sources, IReadOnlyList<string> pasted)
    {
        foreach (string stretch in pasted.Where(p => p.Length > 0))
        {
            for (int at = text.IndexOf(stretch, StringComparison.Ordinal); at >= 0; at = text.IndexOf(stretch, at + stretch.Length, StringComparison.Ordinal)) Array.Fill(sources, Provenance.Pasted, at, stretch.Length);
        }

        var pieces = new List<(Provenance, string)>();
        for (int i = 0, end; i < text.Length; i = end)
        {
            for (end = i + 1; end < text.Length && sources[end] == sources[i];) end++;
            pieces.Add((sources[i], text[i..end]));
        }

        return MessagePart.Mixed(PartKind.Text, [.. pieces]);
    }
}
