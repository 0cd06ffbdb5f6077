using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

public sealed class GrammarTests
{
    [Theory]
    [InlineData("root ::= \"yes\" | \"no\"", "yes,no", "y,,yesno,maybe")]
    [InlineData("root ::= [a-c]{2,3} \"!\"?", "ab,abc,ab!,ccc!", "a,abcd,ad,!")]
    [InlineData("root ::= item (\",\" item)*\nitem ::= [^,\\n]+ # a word", "a,a b", "x\n")]
    [InlineData("root ::= \"(\" root \")\" | \"\"", ",(),((()))", "(,(()")]
    [InlineData("root ::=\n  \"a\" |\n  # more\n  b\nb ::= (\"b\"\n | \"c\")", "a,b,c", "d")]
    [InlineData("root ::= \"\\x41\\u00e4\\U0001F600\\\"\\\\\\t\"", "Aä😀\"\\\t", "A")]
    [InlineData("root ::= .{2}", "äö,😀x", "a,abc")]
    [InlineData("root ::= [a-]{2}[\\]\\[^]", "a-],--[,aa^", "ab]")]
    [InlineData("root ::= \"a\"{3} \"b\"{2,} \"c\"{0,20} (\"d\" | \"e\" root)?", "aaabb,aaabbbbbcc,aaabbcccccccccccccccccccc,aaabbd,aaabbeaaabb", "aab,aaab,aaabbccccccccccccccccccccc")]
    [InlineData("root ::= a a\na ::= \"x\"*", ",x,xx", "y")]
    [InlineData("root ::= (\"a\"* \"b\"*){2,5}", ",aabb,abababab,aaaaabbbbabbabbab", "abababababab")]
    [InlineData("root ::= <tool_call> \"x\" </tool_call>", "<tool_call>x</tool_call>", "x")]
    public void Grammars_match_what_they_say(string grammar, string matching, string others)
    {
        Grammar parsed = Grammar.Parse(grammar);
        foreach (string text in matching.Split(',')) Assert.True(parsed.Matches(text) || text.Length == 0, text);
        if (matching.StartsWith(',')) Assert.True(parsed.Matches(""));
        foreach (string text in others.Split(',')) Assert.False(text.Length > 0 && parsed.Matches(text), text);
    }

    [Theory]
    [InlineData("root ::= root \"a\" | \"b\"", "calls itself")]
    [InlineData("root ::= a\na ::= b? c\nb ::= \"x\"\nc ::= a \"y\" | \"z\"", "calls itself")]
    [InlineData("root ::= \"a\" root", "no finite text")]
    [InlineData("root ::= \"a\" | b\nb ::= \"b\" b", "'b'")]
    [InlineData("root ::= a", "nowhere defined")]
    [InlineData("a ::= \"a\"", "no rule 'root'")]
    [InlineData("root ::= \"a", "not closed")]
    [InlineData("root ::= (\"a\"", "not closed")]
    [InlineData("root ::= [a", "not closed")]
    [InlineData("root ::= [b-a]", "range")]
    [InlineData("root ::= \"\\q\"", "escape")]
    [InlineData("root ::= \"\\ud800\"", "hexadecimal")]
    [InlineData("root ::= \"a\"{5,2}", "maximum")]
    [InlineData("root ::= \"a\"{99999999999}", "too large")]
    [InlineData("root ::= \"a\"{", "{m}")]
    [InlineData("root = \"a\"", "'::='")]
    [InlineData("root ::= \"a\"\nroot ::= \"b\"", "twice")]
    [InlineData("root ::= \"a\" ) \"b\"", "not expected")]
    [InlineData("root ::= <[17]>", "special token")]
    [InlineData("root ::= (\"a\"?){100}", "may be empty")]
    [InlineData("", "no rule")]
    public void A_text_that_is_no_grammar_is_refused_with_its_place(string grammar, string expected)
    {
        var fault = Assert.Throws<ReverieException>(() => Grammar.Parse(grammar));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_grammars_are_refused_and_nothing_else()
    {
        const string Sound = "root ::= \"a\\n\" [^a-z\\]] (x | y{2,3})* <tool_call>\nx ::= . # c\ny ::= \"\\u00e4\" root?";
        var random = new RandomStream(1, "damage");
        int read = 0;
        for (int i = 0; i < 1500; i++)
        {
            char[] text = Sound.ToCharArray();
            for (int n = random.Next(1, 4); n > 0; n--) text[random.Next(text.Length)] = random.Next(2) == 0 ? Sound[random.Next(Sound.Length)] : (char)random.Next(128);
            try
            {
                Grammar.Parse(new string(text)[random.Next(2)..^random.Next(2)]).Matches("a\nb");
                read++;
            }
            catch (ReverieException fault)
            {
                Assert.DoesNotContain('\n', fault.Message);
            }
        }

        Assert.InRange(read, 50, 1450);
    }

    [Fact]
    public void Hostile_grammars_are_refused_in_bounded_time()
    {
        foreach (string grammar in new[]
        {
            $"root ::= {new string('(', 100_000)}",
            $"root ::= \"{new string('a', 400_000)}\"",
            $"root ::= \"a\"{string.Concat(Enumerable.Repeat("*", 100_000))}",
            string.Concat(Enumerable.Range(0, 40_000).Select(i => $"r{i}::=\"a\"\n")),
            new string('#', (1 << 20) + 1),
            $"root ::= {string.Join(' ', Enumerable.Range(0, 10_000).Select(i => $"[a-z{(char)(256 + i)}]"))} \"{new string('b', 300_000)}\"",
            $"root ::= r0\n{string.Concat(Enumerable.Range(0, 15_000).Select(i => $"r{i}::=r{i + 1}|\"b\"\n"))}r15000 ::= \"a\"",
        })
            Assert.Throws<ReverieException>(() => Grammar.Parse(grammar));

        // Large, but within the limits.
        Assert.True(Grammar.Parse($"root ::= r0\n{string.Concat(Enumerable.Range(0, 3000).Select(i => $"r{i}::=r{i + 1}|\"b\"\n"))}r3000 ::= \"a\"").Matches("a"));
        Assert.False(Grammar.Parse("root ::= ((\"a\"{1000000000}){1000000000}){1000000000}").Matches("aaaa"));
    }

    [Fact]
    public void Random_grammars_match_what_a_naive_recognizer_matches()
    {
        var random = new RandomStream(3, "grammars");
        int made = 0, matched = 0;
        for (int i = 0; i < 200; i++)
        {
            Grammar grammar;
            try
            {
                grammar = Grammar.Parse(RandomGrammars.Draw(random));
            }
            catch (ReverieException)
            {
                continue;
            }

            made++;
            var naive = new NaiveRecognizer(grammar);
            for (int n = 0; n < 30; n++)
            {
                string text = string.Concat(Enumerable.Range(0, random.Next(9)).Select(_ => random.Pick(["a", "d", "e", "é", "ad"])));
                Assert.Equal(naive.Matches(text), grammar.Matches(text));
                matched += naive.Matches(text) ? 1 : 0;
            }
        }

        Assert.True(made > 50 && matched > 100, $"{made} {matched}");
    }

    [Fact]
    public void Ambiguity_costs_little()
    {
        // Each prefix has exponentially many readings.
        Grammar grammar = Grammar.Parse("root ::= \"a\" root root | \"a\" root | \"b\" | \"\"");
        Assert.True(grammar.Matches(new string('a', 60) + new string('b', 50)));
        Assert.False(grammar.Matches(new string('a', 60) + "c"));
    }

    [Fact]
    public void Json_is_what_the_standard_library_reads()
    {
        Grammar json = JsonSchemaGrammar.Any, one = JsonSchemaGrammar.AnyObject;
        foreach (string text in new[] { "{}", "[]", "{\"a\": [1,-2.5e+10, true]}", "\"\\u00e4\\ud83d\\ude00\\n\"", "-0.5", "null", "\"ä😀\"", "{\"a\":{\"b\":[[],{}]}}" })
        {
            Assert.True(json.Matches(text), text);
            Assert.Equal(text[0] == '{', one.Matches(text));
        }

        var random = new RandomStream(1, "json");
        const string Letters = "{}[]\",:\\/bfnrtu0123456789eE+-.ad \n\u0001ä";
        int accepted = 0;
        for (int i = 0; i < 20_000; i++)
        {
            char[] text = [.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Letters[random.Next(Letters.Length)])];
            if (!json.Matches(new string(text))) continue;
            using var document = JsonDocument.Parse(new string(text));
            accepted++;
        }

        Assert.True(accepted > 100);
    }
}
