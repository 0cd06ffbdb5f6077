namespace Reverie.Models.Templating;

/// <summary>The special tokens that an assistant writes itself, as part of what it says.</summary>
internal static class AssistantTags
{
    private static readonly string[] _all = [SpecialToken.ThinkStart, SpecialToken.ThinkEnd, SpecialToken.ToolCallStart, SpecialToken.ToolCallEnd];

    /// <summary>Where an assistant's text has such tokens, of those that the tokenizer knows.</summary>
    public static IEnumerable<(int Start, int End, int Id)> Find(Tokenizer tokenizer, string text)
    {
        for (int i = text.IndexOf('<'); i >= 0 && i < text.Length; i = text.IndexOf('<', i + 1))
        {
            string? tag = Array.Find(_all, t => string.CompareOrdinal(text, i, t, 0, t.Length) == 0);
            if (tag is not null && tokenizer.Id(tag) is int id) yield return (i, i + tag.Length, id);
        }
    }
}
