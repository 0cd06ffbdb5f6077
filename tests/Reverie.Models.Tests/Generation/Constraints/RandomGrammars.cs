using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

/// <summary>Draws grammars of a few rules over a few letters.</summary>
internal static class RandomGrammars
{
    public static string Draw(RandomStream random) =>
        $"root ::= {Alternatives(random, 2)}\na ::= {Alternatives(random, 2)}\nb ::= {Alternatives(random, 1)}\n";

    private static string Alternatives(RandomStream random, int depth) =>
        string.Join(" | ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Element(random, depth)))));

    private static string Element(RandomStream random, int depth)
    {
        string element = random.Next(depth > 0 ? 8 : 5) switch
        {
            0 => "\"a\"",
            1 => "\"ad\"",
            2 => "[ae]",
            3 => "\"é\"",
            4 => "\"\"",
            5 => "a",
            6 => "b",
            _ => $"({Alternatives(random, depth - 1)})",
        };
        return element + (random.Next(8) switch { 0 => "*", 1 => "+", 2 => "?", 3 => "{1,2}", 4 => "{2,12}", _ => "" });
    }
}
