using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>One demand on a reply that a program can check, in the manner of IFEval (arXiv 2311.07911).</summary>
/// <param name="Kind">What kind of demand, as compositions are named.</param>
/// <param name="Wordings">Ways to say it: the last is kept out of training.</param>
/// <param name="Holds">The reply without its reasoning -> whether it does what was demanded.</param>
internal sealed record InstructionCheck(string Kind, string[] Wordings, Func<string, bool> Holds)
{
    /// <summary>Exactly so many words.</summary>
    public static InstructionCheck WordCount(int n) =>
        new("words", [$"Use exactly {Number(n)} words.", $"Say it in {Number(n)} words.", $"Your answer must have exactly {Number(n)} words."], text => Words(text).Length == n);

    /// <summary>No small letters.</summary>
    public static InstructionCheck Capitals { get; } =
        new("capitals", ["Use only capital letters.", "Write in capital letters.", "Everything must be in capital letters."], text => text.Any(char.IsLetter) && text == text.ToUpperInvariant());

    /// <summary>No capital letters.</summary>
    public static InstructionCheck SmallLetters { get; } =
        new("small letters", ["Use only small letters.", "Write in small letters.", "Everything must be in small letters."], text => text.Any(char.IsLetter) && text == text.ToLowerInvariant());

    /// <summary>The first word.</summary>
    public static InstructionCheck StartsWith(string word) =>
        new("start", [$"Start with {word}.", $"The first word must be {word}.", $"Begin with the word {word}."], text => Is(Words(text).FirstOrDefault(), word));

    /// <summary>The last word.</summary>
    public static InstructionCheck EndsWith(string word) =>
        new("end", [$"End with {word}.", $"The last word must be {word}.", $"Finish with the word {word}."], text => Is(Words(text).LastOrDefault(), word));

    /// <summary>A word that must be there.</summary>
    public static InstructionCheck Contains(string word) =>
        new("with", [$"Use the word {word}.", $"Say {word} in it.", $"The word {word} must be in it."], text => Words(text).Any(w => Is(w, word)));

    /// <summary>A word that must not be there.</summary>
    public static InstructionCheck Avoids(string word) =>
        new("without", [$"Do not use the word {word}.", $"Do not say {word}.", $"The word {word} must not be in it."], text => Words(text).Length > 0 && !Words(text).Any(w => Is(w, word)));

    /// <summary>No commas.</summary>
    public static InstructionCheck NoCommas { get; } =
        new("no commas", ["Use no commas.", "Do not use a comma.", "There must be no commas."], text => text.Length > 0 && !text.Contains(','));

    /// <summary>Everything in quotation marks.</summary>
    public static InstructionCheck Quoted { get; } =
        new("quotes", ["Put it in quotes.", "Write it in quotes.", "Your whole answer must be in quotes."], text => text.Length > 2 && text[0] == '"' && text[^1] == '"' && !text[1..^1].Contains('"'));

    /// <summary>A list of so many lines.</summary>
    public static InstructionCheck Items(int n) =>
        new("list", [$"Make a list of {Number(n)} with a - before each.", $"Write {Number(n)} lines that start with - .", $"Give a list of {Number(n)} lines, each with a - in front."],
            text => text.Trim('"').Split('\n') is var lines && lines.Length == n && lines.All(l => l.StartsWith("- ", StringComparison.Ordinal) && Words(l).Length > 0));

    /// <summary>Demands that a reply meets; a few that nearly every reply meets are left out often.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isRepeated">Whether it is one word again and again, about which there is less to demand.</param>
    /// <param name="avoidable">Words one of which may be forbidden.</param>
    /// <param name="random">Draws words.</param>
    public static IEnumerable<InstructionCheck> Of(string reply, bool isRepeated, string[] avoidable, RandomStream random)
    {
        string[] words = [.. Words(reply).Select(w => w.ToLowerInvariant())];
        List<InstructionCheck> all = [Capitals, SmallLetters, Quoted, Items(reply.Split('\n').Length)];
        if (random.Next(3) == 0) all.Add(NoCommas);
        if (!isRepeated) all.AddRange([WordCount(words.Length), StartsWith(words[0]), EndsWith(words[^1]), Contains(random.Pick(words))]);
        if (!isRepeated && random.Next(2) == 0) all.Add(Avoids(random.Pick(avoidable)));
        return all.Where(c => c.Holds(reply));
    }

    /// <summary>The words of a text, without the signs around them.</summary>
    public static string[] Words(string text) => [.. text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"', '.', ',', '!', '?', '-')).Where(w => w.Length > 0)];

    private static bool Is(string? word, string wanted) => string.Equals(word, wanted, StringComparison.OrdinalIgnoreCase);

    private static string Number(int n) => Reverie.Worlds.Words.Numbers[n];
}
