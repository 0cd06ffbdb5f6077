namespace Reverie.Worlds;

/// <summary>What people say every day, by what they say it for, in wordings that the curriculum keeps for examinations: what shows whether a model is still itself.</summary>
public static class EverydayTalk
{
    private static readonly (string Category, string[] Topics)[] Categories =
    [
        ("greeting", ["greeting", "farewell", "how are you", "who", "your name"]),
        ("thanks", ["thanks", "good", "happy"]),
        ("comfort", ["sad", "tired", "afraid", "angry", "sick", "hungry"]),
        ("opinion", ["colour", "animal", "food", "music", "meaning", "advice"]),
        ("disagreement", ["insult", "why", "smart", "yes"]),
    ];

    private static readonly Topic[] Topics = [SmallTalk.Greeting, SmallTalk.Farewell, SmallTalk.Thanks, .. SmallTalk.Topics];

    private static readonly Dictionary<string, string> ByWords =
        Categories.SelectMany(c => Of(c.Topics).SelectMany(t => t.Said.Train.Concat(t.Said.HeldOut)).Select(said => (Words: Letters(said), c.Category))).DistinctBy(s => s.Words).ToDictionary(s => s.Words, s => s.Category);

    /// <summary>What is said in each category.</summary>
    public static IReadOnlyList<(string Category, IReadOnlyList<string> Said)> All { get; } = [.. Categories.Select(c => (c.Category, (IReadOnlyList<string>)[.. Of(c.Topics).SelectMany(t => t.Said.HeldOut)]))];

    /// <summary>The category of what somebody said in one of the known wordings, of the curriculum or kept from it; null for anything else.</summary>
    public static string? CategoryOf(string said) => ByWords.GetValueOrDefault(Letters(said));

    /// <summary>The letters of what somebody said, small: the same however it was typed.</summary>
    public static string Letters(string said) => new([.. said.ToLowerInvariant().Where(char.IsLetter)]);

    private static IEnumerable<Topic> Of(string[] names) => names.Select(name => Topics.First(t => t.Name == name));
}
