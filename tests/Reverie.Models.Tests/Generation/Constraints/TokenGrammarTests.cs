using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Models.Tests.Checkpoints;
using Reverie.Models.Tests.Tokenization;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Generation.Constraints;

public sealed class TokenGrammarTests
{
    private static readonly Tokenizer _json = Reverie.Models.Tokenizer.Train(
        Enumerable.Range(0, 300).Select(i => $$"""{"name": "Ada{{i}}","a":[true, false,null],"b":{"x y":-1.5e{{i}}, "ä":"漢字 é\n\"quoted\""},"tags":["red","reddish"]} 2024-02-2{{i % 10}}T00:00:00Z"""), 700);

    [Fact]
    public void Random_tokens_under_a_schema_end_in_json_that_is_valid()
    {
        var random = new RandomStream(1, "schemas");
        var schemas = new RandomSchemas(random);
        int finished = 0;
        for (int i = 0; i < 70; i++)
        {
            JsonNode schema = i % 3 == 0 ? schemas.Recursive(2) : schemas.Schema(3);
            if (Grammar(schema) is not { } grammar) continue;
            Tokenizer tokenizer = i % 2 == 0 ? _json : SmallModels.Tokenizer;
            var tokens = new TokenGrammar(grammar, tokenizer);
            for (int n = 0; n < 3; n++)
            {
                string text = Draw(grammar, tokens, tokenizer, random, random.Next(60));
                Assert.True(JsonValidator.IsValid(JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }), schema, schema), $"{schema.ToJsonString()}\n{text}");
                finished++;
            }
        }

        Assert.True(finished > 150);
    }

    [Fact]
    public void What_is_valid_is_accepted_and_each_beginning_can_be_completed()
    {
        var random = new RandomStream(2, "schemas");
        var schemas = new RandomSchemas(random);
        int accepted = 0;
        for (int i = 0; i < 400; i++)
        {
            JsonNode schema = i % 3 == 0 ? schemas.Recursive(2) : schemas.Schema(3);
            if (Grammar(schema) is not { } grammar) continue;
            for (int n = 0; n < 4; n++)
            {
                JsonNode? value = schemas.Value(schema, schema);
                string text = schemas.Write(value);
                Assert.True(JsonValidator.IsValid(value, schema, schema) == grammar.Matches(text), $"{schema.ToJsonString()}\n{text}");
                if (!grammar.Matches(text)) continue;
                accepted++;
                Assert.True(grammar.MatchesStart(text[..(text.Length / 2)]) || char.IsLowSurrogate(text[text.Length / 2]));
            }
        }

        Assert.True(accepted > 500);
    }

    [Theory]
    [InlineData("{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\"maxLength\":40},\"b\":{\"type\":\"number\"}},\"required\":[\"name\"],\"additionalProperties\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"minLength\":25,\"maxLength\":60},\"maxItems\":30}}")]
    [InlineData("true")]
    [InlineData("{\"type\":\"string\",\"pattern\":\"^(ab{20,40}c|[α-ω]{3,50}😀?)*$\"}")]
    public void The_mask_is_what_each_token_tried_alone_gives(string schema)
    {
        Grammar grammar = JsonSchemaGrammar.From(schema);
        AssertMasksAreNaive(grammar, _json, 60, 1);
        AssertMasksAreNaive(grammar, Foreign("llama-2"), 40, 2);
        AssertMasksAreNaive(grammar, Foreign("qwen2"), 40, 3);
    }

    [Fact]
    public void The_mask_is_naive_for_random_grammars_too()
    {
        var random = new RandomStream(4, "grammars");
        int made = 0;
        for (int i = 0; i < 200; i++)
        {
            try
            {
                AssertMasksAreNaive(Models.Grammar.Parse(RandomGrammars.Draw(random)), _json, 12, (ulong)i);
                made++;
            }
            catch (ReverieException)
            {
                // Left recursion or nothing finite: refused, as it should be.
            }
        }

        Assert.True(made > 60);
    }

    [Fact]
    public void No_key_comes_twice_in_an_object_whatever_the_tokens()
    {
        // Tokens of several keys, whole members and halves of them.
        Tokenizer tokenizer = Reverie.Models.Tokenizer.Train(
            Enumerable.Range(0, 400).SelectMany(i => new[] { "{\"a\":1,\"b\":{\"a\":1}}", ",\"a\":1", "\":\"\",\"a\":\"\",", "{\"\":{},\"\"", "\"ab\":[{\"a\":" }.Skip(i % 5)), 420);
        var random = new RandomStream(6, "keys");
        foreach (string schema in new[] { """{"type":"object"}""", """{"type":"object","properties":{"a":true},"additionalProperties":true}""" })
        {
            Grammar grammar = JsonSchemaGrammar.From(schema);
            var tokens = new TokenGrammar(grammar, tokenizer);
            int several = 0;
            for (int i = 0; i < 300; i++)
            {
                string text = Draw(grammar, tokens, tokenizer, random, random.Next(80), "{}\",:ab1");
                JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 200 }).Dispose();
                several += text.Split(":").Length > 3 ? 1 : 0;
            }

            Assert.True(several > 30);
        }
    }

    [Fact]
    public void A_key_that_is_there_cannot_be_closed_again_but_goes_on()
    {
        foreach (string prefix in new[] { "", "so I call <tool_call>{\"name\":\"any\",\"arguments\":" })
        {
            Grammar grammar = prefix.Length == 0 ? JsonSchemaGrammar.AnyObject : ToolGrammar.For([("any", default)], ToolUse.Auto);
            ITokenConstraint reply = new TokenGrammar(grammar, SmallModels.Tokenizer).Begin();
            foreach (int token in SmallModels.Tokenizer.EncodeWithSpecialTokens(prefix + "{\"a\":{\"a\":1},\"a")) reply.Accept(token);
            List<int> allowed = Allowed(reply, SmallModels.Tokenizer);
            Assert.DoesNotContain(SmallModels.Tokenizer.Encode("\"")[0], allowed);
            Assert.Contains(SmallModels.Tokenizer.Encode("b")[0], allowed);
            reply.Accept(SmallModels.Tokenizer.Encode("b")[0]);
            Assert.Contains(SmallModels.Tokenizer.Encode("\"")[0], Allowed(reply, SmallModels.Tokenizer));
        }
    }

    [Fact]
    public void Where_tokens_would_take_too_long_to_find_single_bytes_are_left()
    {
        Grammar grammar = JsonSchemaGrammar.From("""{"type":"object","properties":{"name":{"type":"string","maxLength":20},"b":{"type":"array","items":{"type":"number"}}},"required":["name"]}""");
        var tokens = new TokenGrammar(grammar, _json) { WorkLimit = 300 };
        var random = new RandomStream(8, "work");
        int longer = 0, single = 0;
        for (int i = 0; i < 20; i++)
        {
            ITokenConstraint reply = tokens.Begin();
            for (int n = 0; n < 60 && Allowed(reply, _json) is { Count: > 0 } allowed; n++)
            {
                if (allowed.All(t => _json.Bytes(t).Length == 1)) single++;
                else longer++;
                reply.Accept(random.Pick(allowed));
            }

            JsonDocument.Parse(Draw(grammar, tokens, _json, random, random.Next(30))).Dispose();
        }

        Assert.True(single > 100 && longer > 50, $"{single} {longer}");
    }

    [Fact]
    public void A_character_may_be_cut_by_tokens()
    {
        var grammar = new TokenGrammar(Models.Grammar.Parse("root ::= \"é\" [漢字]+ \"😀\""), SmallModels.Tokenizer);
        ITokenConstraint reply = grammar.Begin();
        foreach (byte value in Encoding.UTF8.GetBytes("é漢字😀"))
        {
            int token = Enumerable.Range(0, 256).Single(id => SmallModels.Tokenizer.Bytes(id).SequenceEqual([value]));
            Assert.False(reply.MayEnd);
            Assert.Contains(token, Allowed(reply, SmallModels.Tokenizer));
            reply.Accept(token);
        }

        Assert.True(reply.MayEnd);
        Assert.Empty(Allowed(reply, SmallModels.Tokenizer));
    }

    [Fact]
    public void A_tokenizer_that_puts_a_space_before_a_text_may_begin_with_it()
    {
        Tokenizer tokenizer = Foreign("llama-2");
        foreach (int[] ids in new[] { tokenizer.Encode("yes"), [.. tokenizer.Encode("yes").SelectMany(t => tokenizer.Bytes(t).ToArray()).Where(b => b != ' ').Select(b => Enumerable.Range(0, tokenizer.VocabularySize).First(id => !tokenizer.IsSpecial(id) && tokenizer.Bytes(id).SequenceEqual([b])))] })
        {
            ITokenConstraint reply = new TokenGrammar(Models.Grammar.Parse("root ::= \"yes\""), tokenizer).Begin();
            foreach (int id in ids) reply.Accept(id);
            Assert.True(reply.MayEnd);
        }
    }

    [Fact]
    public void White_space_that_a_tokenizer_lists_as_special_is_text()
    {
        Tokenizer tokenizer = Reverie.Models.Tokenizer.Train(["a b"], 270, new TokenizerTrainingOptions { SpecialTokens = [.. SpecialToken.Defaults, new SpecialToken("\n\n", IsContent: true)] });
        ITokenConstraint reply = new TokenGrammar(Models.Grammar.Parse("root ::= \"a\" [^<]*"), tokenizer).Begin();
        reply.Accept(tokenizer.Encode("a")[0]);
        Assert.Contains(tokenizer.Id("\n\n")!.Value, Allowed(reply, tokenizer));
        Assert.DoesNotContain(tokenizer.ThinkStart, Allowed(reply, tokenizer));
        reply.Accept(tokenizer.Id("\n\n")!.Value);
        Assert.True(reply.MayEnd);
    }

    [Fact]
    public void A_token_that_is_not_allowed_is_refused_and_changes_nothing()
    {
        ITokenConstraint reply = new TokenGrammar(JsonSchemaGrammar.AnyObject, _json).Begin();
        Assert.Throws<ReverieException>(() => reply.Accept(_json.Encode("x")[0]));
        Assert.Throws<ReverieException>(() => reply.Accept(_json.MessageEnd));
        Assert.Throws<ReverieException>(() => reply.Accept(100_000));
        reply.Accept(_json.Encode("{")[0]);
        Assert.Throws<ReverieException>(() => new TokenGrammar(Models.Grammar.Parse("root ::= <|im_end|>"), _json));
    }

    [Fact]
    public void Grammars_are_kept_by_name_and_the_longest_unused_goes()
    {
        var grammars = new TokenGrammars(_json, capacity: 2);
        TokenGrammar a = grammars.Get("a", () => JsonSchemaGrammar.Any), b = grammars.Get("b", () => JsonSchemaGrammar.AnyObject);
        Assert.Same(a, grammars.Get("a", () => throw new InvalidOperationException()));
        grammars.Get("c", () => JsonSchemaGrammar.Any);
        Assert.Same(a, grammars.Get("a", () => throw new InvalidOperationException()));
        Assert.NotSame(b, grammars.Get("b", () => JsonSchemaGrammar.AnyObject));
    }

    [Fact]
    public void Many_states_are_forgotten_and_replies_go_on()
    {
        var grammar = new TokenGrammar(Models.Grammar.Parse("root ::= \"[\" root \"]\" | \"(\" root \")\" | \"\""), SmallModels.Tokenizer);
        ITokenConstraint reply = grammar.Begin();
        var random = new RandomStream(5, "brackets");
        var open = new Stack<int>();
        for (int i = 0; i < 30_000; i++)
        {
            bool square = random.Next(2) == 0;
            reply.Accept(SmallModels.Tokenizer.Encode(square ? "[" : "(")[0]);
            open.Push(SmallModels.Tokenizer.Encode(square ? "]" : ")")[0]);
        }

        while (open.TryPop(out int close))
        {
            if (open.Count % 1000 == 0) Assert.Contains(close, Allowed(reply, SmallModels.Tokenizer));
            reply.Accept(close);
        }

        Assert.True(reply.MayEnd);
    }

    private static Grammar? Grammar(JsonNode schema)
    {
        try
        {
            return JsonSchemaGrammar.From(schema.ToJsonString());
        }
        catch (ReverieException fault) when (fault.Message.Contains("no finite text", StringComparison.Ordinal))
        {
            return null;
        }
    }

    private static Tokenizer Foreign(string name)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, ForeignTokenizers.Json(name));
            return Reverie.Models.Tokenizer.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static List<int> Allowed(ITokenConstraint reply, Tokenizer tokenizer)
    {
        ulong[] bits = new ulong[(tokenizer.VocabularySize + 63) / 64];
        reply.Allow(bits);
        var tokens = new List<int>();
        for (int i = 0; i < bits.Length; i++)
            for (ulong word = bits[i]; word != 0; word &= word - 1) tokens.Add((64 * i) + BitOperations.TrailingZeroCount(word));
        return tokens;
    }

    /// <summary>Draws a reply; after <paramref name="free"/> tokens it ends by the shortest way, which must be allowed and as long as was foreseen.</summary>
    private static string Draw(Grammar grammar, TokenGrammar tokens, Tokenizer tokenizer, RandomStream random, int free, string? letters = null)
    {
        ITokenConstraint reply = tokens.Begin();
        var way = new ShortestWay(new GrammarAutomaton(grammar, tokenizer.Id));
        var drawn = new List<int>();
        while (true)
        {
            List<int> allowed = Allowed(reply, tokenizer);
            if (reply.MayEnd && (allowed.Count == 0 || drawn.Count >= free)) return tokenizer.Decode([.. drawn], isStart: false);
            Assert.NotEmpty(allowed);
            int[] liked = letters is null ? [] : [.. allowed.Where(t => tokenizer.Decode([t], isStart: false).All(letters.Contains))];
            int token = random.Pick<int>(liked.Length > 0 ? liked : [.. allowed]);
            if (drawn.Count >= free)
            {
                // A key that is there already has to become longer first.
                long left = way.Length;
                token = allowed.Where(t => tokenizer.Bytes(t).Length == 1).MinBy(t => way.LengthAfter(tokenizer.Bytes(t)[0]));
                Assert.True(way.LengthAfter(tokenizer.Bytes(token)[0]) == left - 1 || way.HasFreeKeys);
            }

            reply.Accept(token);
            way.Accept(tokenizer.Bytes(token));
            drawn.Add(token);
        }
    }

    private static void AssertMasksAreNaive(Grammar grammar, Tokenizer tokenizer, int steps, ulong seed)
    {
        var random = new RandomStream(seed, "mask");
        var tokens = new TokenGrammar(grammar, tokenizer);
        ITokenConstraint reply = tokens.Begin();
        var recognizer = new Recognizer(new GrammarAutomaton(grammar, tokenizer.Id, null, tokenizer.StartsWithSpace));
        RecognizerState state = recognizer.Start;
        var written = new List<byte>();
        for (int i = 0; i < steps; i++)
        {
            List<int> allowed = Allowed(reply, tokenizer), naive = [];
            for (int id = 0; id < tokenizer.VocabularySize; id++)
            {
                if (tokenizer.IsSpecial(id) || tokenizer.Bytes(id).IsEmpty || tokenizer.TypeOf(id) == TokenType.Unused) continue;
                if (!Read(state, id).IsDead) naive.Add(id);
            }

            naive.RemoveAll(t => RepeatsKey([.. written, .. tokenizer.Bytes(t)]));
            Assert.Equal(naive, allowed.Where(t => !tokenizer.IsSpecial(t)));
            Assert.Equal(state.IsAccepting, reply.MayEnd);
            if (allowed.Count == 0)
            {
                Assert.True(reply.MayEnd);
                return;
            }

            int token = random.Pick(allowed);
            reply.Accept(token);
            written.AddRange(tokenizer.Bytes(token));
            state = tokenizer.IsSpecial(token) ? recognizer.NextTag(state, token) : Read(state, token);
        }

        // As the library reads it; what is no JSON so far has no keys.
        bool RepeatsKey(byte[] bytes)
        {
            var keys = new Stack<HashSet<string>>();
            var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
            try
            {
                while (reader.Read())
                {
                    if (reader.TokenType == JsonTokenType.StartObject) keys.Push([]);
                    else if (reader.TokenType == JsonTokenType.EndObject) keys.Pop();
                    else if (reader.TokenType == JsonTokenType.PropertyName && !keys.Peek().Add(reader.GetString()!)) return true;
                }

                // A key counts once its quotation mark is there, before the colon.
                return bytes is [.., (byte)'"'] && state.Items.Length > 0 && RepeatsKey([.. bytes, (byte)':', (byte)'0']);
            }
            catch (JsonException)
            {
                return false;
            }
        }

        RecognizerState Read(RecognizerState from, int id)
        {
            foreach (byte value in tokenizer.Bytes(id)) from = recognizer.Next(from, value);
            return from;
        }
    }
}
