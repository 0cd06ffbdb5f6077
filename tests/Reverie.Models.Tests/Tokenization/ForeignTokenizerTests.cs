using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Tokenization;

/// <summary>Tokenizers of other people's models, against the ids that Hugging Face tokenizers 0.22.2 gives.</summary>
public sealed class ForeignTokenizerTests : IDisposable
{
    private static readonly string[] _texts =
    [
        "hello world, the 12345 hello's  aaaa\n\n  xyz 123\t't IT'S",
        "cafe\u0301 café a\u0323\u0307 \u1100\u1161\u11a8 \u0958 a\u0345\u0301 한 中文 😀 \u00a0\u3000x",
        "<s>hello </s> the<|im_end|> <think> hello </think>\n x <tool_call> y<tool_call>z <|im_end|><think>a cafe\u0301 <unk>",
        "  ▁hello▁world\u0001\u0000 <0x41> l'été aaaaaaa    wor ld\r\n",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-foreign").FullName;

    public static TheoryData<string> Names => [.. ForeignTokenizers.Names];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private Tokenizer Load(string json, string name = "tokenizer.json")
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, json);
        return Tokenizer.Load(path);
    }

    private Tokenizer Saved(Tokenizer tokenizer)
    {
        string path = Path.Combine(_folder, "saved.json");
        tokenizer.Save(path);
        return Tokenizer.Load(path);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Ids_are_those_of_Hugging_Face_also_after_saving(string name)
    {
        Tokenizer tokenizer = Load(ForeignTokenizers.Json(name));
        Assert.Equal(ForeignIds.Of(name), _texts.Select(tokenizer.EncodeWithSpecialTokens));
        Tokenizer saved = Saved(tokenizer);
        Assert.Equal(ForeignIds.Of(name), _texts.Select(saved.EncodeWithSpecialTokens));
        saved.Save(Path.Combine(_folder, "again.json"));
        Assert.Equal(File.ReadAllText(Path.Combine(_folder, "saved.json")), File.ReadAllText(Path.Combine(_folder, "again.json")));
    }

    [Theory]
    [InlineData("gpt-2")]
    [InlineData("smollm")]
    [InlineData("llama-bpe")]
    [InlineData("llama-2")]
    [InlineData("metaspace-first")]
    public void Plain_text_comes_back_and_forges_nothing(string name)
    {
        Tokenizer tokenizer = Load(ForeignTokenizers.Json(name));
        string[] specials = ["", "<s>", "</s>", "<unk>", "<|endoftext|>", "<think>"];
        Gen.Select(RandomText.Any, Gen.Int[0, specials.Length - 1]).Sample((text, index) =>
        {
            string special = specials[index];

            // U+2581 stands for a space.
            string plain = RandomText.WellFormed(text + special + text).Replace('▁', '_').TrimStart(' ');
            int[] ids = tokenizer.Encode(plain);
            Assert.DoesNotContain(ids, id => tokenizer.TypeOf(id) is TokenType.Control or TokenType.UserDefined or TokenType.Unknown);
            Assert.Equal(plain, tokenizer.Decode(ids));
        }, iter: 300);
    }

    [Fact]
    public void Text_begins_where_the_post_processor_says()
    {
        Tokenizer llama2 = Load(ForeignTokenizers.Json("llama-2")), llama3 = Load(ForeignTokenizers.Json("llama-bpe")), qwen = Load(ForeignTokenizers.Json("qwen2"));
        Assert.Equal((1, true, 1), (llama2.BeginOfText!.Value, llama2.AddsBeginOfText, llama2.TextStart));
        Assert.Equal((693, true, 693), (llama3.BeginOfText!.Value, llama3.AddsBeginOfText, llama3.TextStart));
        Assert.Equal((null, false, 693), (qwen.BeginOfText, qwen.AddsBeginOfText, qwen.TextStart));
        Assert.Equal([1, .. llama2.Encode("hello")], llama2.EncodeDocument("hello"));
        Assert.Equal(qwen.Encode("hello"), qwen.EncodeDocument("hello"));
        Assert.Equal(2, llama2.EndOfText);
        Assert.Equal([2], llama2.StopTokens);
    }

    [Fact]
    public void The_space_before_a_text_goes_only_where_a_text_begins()
    {
        Tokenizer tokenizer = Load(ForeignTokenizers.Json("llama-2"));
        int[] ids = tokenizer.Encode("hello world");
        Assert.Equal("hello world", tokenizer.Decode(ids));
        Assert.Equal("hello world", tokenizer.Decode([1, .. ids, 2], skipSpecialTokens: true));
        Assert.Equal(" hello world", tokenizer.Decode(ids, isStart: false));
        foreach (bool drops in new[] { false, true })
        {
            var stream = new GenerationText([], drops);
            foreach (int id in ids) stream.Append(tokenizer.Bytes(id));
            stream.Finish();
            Assert.Equal(tokenizer.Decode(ids, isStart: drops), stream.Text);
        }
    }

    [Fact]
    public void GGUFs_lists_give_the_same_tokenizer()
    {
        Tokenizer original = Load(ForeignTokenizers.Json("llama-bpe"));
        IEnumerable<int> ids = Enumerable.Range(0, original.VocabularySize);
        var listed = Tokenizer.FromBytePairs(
            [.. ids.Select(original.Spelling), "[PAD1]", "[PAD2]"], [.. original.MergeSpellings], [.. ids.Select(original.TypeOf), TokenType.Unused, TokenType.Unused],
            original.PatternName, "a.gguf", new TokenizerSettings { BeginOfText = 693, AddsBeginOfText = true });
        Assert.Equal(original.VocabularySize, listed.VocabularySize);
        Assert.Equal(_texts.Select(original.EncodeWithSpecialTokens), _texts.Select(listed.EncodeWithSpecialTokens));
        Tokenizer saved = Saved(listed);
        Assert.Equal((693, true), (saved.BeginOfText!.Value, saved.AddsBeginOfText));
        Assert.Equal(_texts.Select(original.EncodeWithSpecialTokens), _texts.Select(saved.EncodeWithSpecialTokens));
    }

    [Fact]
    public void Scores_stand_for_the_merges_they_come_from()
    {
        Tokenizer original = Load(ForeignTokenizers.Json("llama-2"));
        IEnumerable<int> ids = Enumerable.Range(0, original.VocabularySize);
        var scored = Tokenizer.FromSentencePiece(
            [.. ids.Select(original.Spelling)], original.Scores(), [.. ids.Select(original.TypeOf)], "a.gguf");
        Assert.Equal(TokenizerKind.SentencePiece, scored.Kind);
        Assert.Equal(0, scored.Unknown);
        Assert.Equal(original.Scores(), scored.Scores());
        foreach (string text in _texts)
        {
            // A run of one letter can be one token in two ways, where scores go left to right and merges by the way.
            string plain = text.Replace("aa", "a");
            Assert.Equal(original.EncodeWithSpecialTokens(plain), scored.EncodeWithSpecialTokens(plain));
            Assert.Equal(scored.EncodeWithSpecialTokens(plain), Saved(scored).EncodeWithSpecialTokens(plain));
        }
    }

    [Fact]
    public void Highest_score_goes_first_and_leftmost_among_equals()
    {
        string[] Tokens(Tokenizer tokenizer, string text) => [.. tokenizer.Encode(text).Select(tokenizer.Spelling)];
        Assert.Equal(["ab", "c"], Tokens(Scored(-1, -2), "abc"));
        Assert.Equal(["a", "bc"], Tokens(Scored(-2, -1), "abc"));
        Assert.Equal(["ab", "c"], Tokens(Scored(-1, -1), "abc"));

        static Tokenizer Scored(float ab, float bc) =>
            Tokenizer.FromSentencePiece(["<unk>", "a", "b", "c", "ab", "bc"], [0, 0, 0, 0, ab, bc], null, "test", startsWithSpace: false);
    }

    [Fact]
    public void Text_that_is_cut_is_merged_as_the_whole_is() => Gen.Select(Gen.ULong, Gen.Bool).Sample((seed, hasBytes) =>
    {
        var random = new RandomStream(seed, "scores");
        string[] letters = ["a", "b", "▁", "é", "中", "😀"];
        SortedSet<string> drawn = [.. letters];
        for (int i = random.Next(30); i >= 0; i--) drawn.Add(string.Concat(Enumerable.Range(0, 2 + random.Next(3)).Select(_ => random.Pick(letters))));
        string[] tokens = ["<unk>", .. hasBytes ? Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>") : [], .. drawn];
        float[] scores = [.. tokens.Select(_ => (float)-random.Next(12))];
        TokenType[] types = [.. tokens.Select((t, i) => i == 0 ? TokenType.Unknown : t.StartsWith("<0x", StringComparison.Ordinal) ? TokenType.Byte : TokenType.Normal)];
        var tokenizer = Tokenizer.FromSentencePiece(tokens, scores, types, "test");
        for (int round = 0; round < 5; round++)
        {
            string text = string.Concat(Enumerable.Range(0, 1 + random.Next(60)).Select(_ => random.Pick([.. letters, " ", "x", "y", "\U00020000"])));
            Assert.Equal(Naive(text), tokenizer.Encode(text));
        }

        int[] Naive(string text)
        {
            List<string> symbols = [];
            foreach (Rune rune in ("▁" + text.Replace(' ', '▁')).EnumerateRunes())
            {
                if (letters.Contains(rune.ToString())) symbols.Add(rune.ToString());
                else if (hasBytes) symbols.AddRange(Encoding.UTF8.GetBytes(rune.ToString()).Select(b => $"<0x{b:X2}>"));
                else if (symbols.LastOrDefault() != "<unk>") symbols.Add("<unk>");
            }

            while (true)
            {
                int best = -1;
                for (int i = 0; i + 1 < symbols.Count; i++)
                {
                    if (drawn.Contains(symbols[i] + symbols[i + 1]) && (best < 0 || Score(i) > Score(best))) best = i;
                }

                if (best < 0) return [.. symbols.Select(t => Array.IndexOf(tokens, t))];
                symbols[best] += symbols[best + 1];
                symbols.RemoveAt(best + 1);
            }

            float Score(int i) => scores[Array.IndexOf(tokens, symbols[i] + symbols[i + 1])];
        }
    }, iter: 200);

    [Fact]
    public void Settings_come_from_the_folder_and_go_back_as_they_were()
    {
        Load(ForeignTokenizers.Json("llama-2"));
        const string Config = """{"bos_token": {"content": "<s>", "lstrip": false}, "eos_token": "</s>", "pad_token": null, "unk_token": "<unk>", "add_bos_token": false, "chat_template": "x"}""";
        const string Generation = """{"bos_token_id": 1, "eos_token_id": [2, 289], "pad_token_id": 0, "temperature": 0.7}""";
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), Config);
        File.WriteAllText(Path.Combine(_folder, "generation_config.json"), Generation);
        var tokenizer = Tokenizer.LoadFolder(_folder);
        Assert.Equal((1, false, 0), (tokenizer.BeginOfText!.Value, tokenizer.AddsBeginOfText, tokenizer.Settings.Padding!.Value));
        Assert.Equal([2, 289], tokenizer.StopTokens);
        string copy = Path.Combine(_folder, "copy");
        Directory.CreateDirectory(copy);
        SettingsFiles.Write(copy, tokenizer, 128);
        Assert.Equal(Config, File.ReadAllText(Path.Combine(copy, "tokenizer_config.json")));
        Assert.Equal(Generation, File.ReadAllText(Path.Combine(copy, "generation_config.json")));
    }

    public static TheoryData<string, string> Settings => new()
    {
        { "tokenizer_config.json", "[]" },
        { "tokenizer_config.json", "{\"eos_token\": 7}" },
        { "tokenizer_config.json", "{\"add_bos_token\": \"yes\"}" },
        { "generation_config.json", "{\"eos_token_id\": [\"x\"]}" },
        { "generation_config.json", "{\"eos_token_id\": 1e30}" },
        { "generation_config.json", "{\"a\":" },
    };

    [Theory]
    [MemberData(nameof(Settings))]
    public void Faulty_settings_get_one_line_that_names_the_file(string file, string content)
    {
        Load(ForeignTokenizers.Json("qwen2"));
        File.WriteAllText(Path.Combine(_folder, file), content);
        ReverieException e = Assert.Throws<ReverieException>(() => Tokenizer.LoadFolder(_folder));
        Assert.Contains(file, e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Settings_of_ids_beyond_the_vocabulary_are_passed_over()
    {
        Load(ForeignTokenizers.Json("qwen2"));
        File.WriteAllText(Path.Combine(_folder, "generation_config.json"), "{\"eos_token_id\": [-1, 5000, 2147483647], \"bos_token_id\": 99999}");
        var tokenizer = Tokenizer.LoadFolder(_folder);
        Assert.Equal([tokenizer.MessageEnd, tokenizer.EndOfText], tokenizer.StopTokens);
        Assert.Null(tokenizer.BeginOfText);
    }

    [Fact]
    public void Lists_that_do_not_fit_get_one_line()
    {
        string[] tokens = ["a", "b", "ab"];
        Assert.All(
            new Func<Tokenizer>[]
            {
                () => Tokenizer.FromBytePairs(tokens, ["a b"], null, "martian", "x.gguf"),
                () => Tokenizer.FromBytePairs(tokens, ["a c"], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs(tokens, ["ab"], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs(tokens, ["a b", "a b"], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs(["a", "a"], [], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs(["a", ""], [], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs(tokens, [], [TokenType.Normal], "qwen2", "x.gguf"),
                () => Tokenizer.FromBytePairs([], [], null, "qwen2", "x.gguf"),
                () => Tokenizer.FromSentencePiece(tokens, [0, 1], null, "x.gguf"),
                () => Tokenizer.FromSentencePiece(tokens, [0, 1, float.NaN], null, "x.gguf"),
                () => Tokenizer.FromSentencePiece(["a", new string('b', 10_000)], [0, 1], null, "x.gguf"),
            },
            make =>
            {
                ReverieException e = Assert.Throws<ReverieException>(make);
                Assert.Contains("x.gguf", e.Message);
                Assert.DoesNotContain(e.Message, char.IsControl);
            });
    }

    [Fact]
    public void Damaged_Llama2c_files_load_or_get_one_line()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write(8);
        foreach (string token in new[] { "<unk>", "\n<s>\n", "\n</s>\n", "<0x41>", " ", "a", " a", "é" })
        {
            byte[] bytes = Encoding.UTF8.GetBytes(token);
            writer.Write(-(float)stream.Length);
            writer.Write(bytes.Length);
            writer.Write(bytes);
        }

        byte[] whole = stream.ToArray();
        string path = Path.Combine(_folder, "tokenizer.bin");
        File.WriteAllBytes(path, whole);
        var tokenizer = Tokenizer.LoadLlama2C(path);
        Assert.Equal([6, 3, 7], tokenizer.Encode("aAé"));
        Assert.Equal((1, true, "</s>"), (tokenizer.BeginOfText!.Value, tokenizer.AddsBeginOfText, tokenizer.Spelling(tokenizer.EndOfText)));
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Int[0, 7], Gen.Bool).Sample((at, bit, truncate) =>
        {
            byte[] damaged = truncate ? whole[..at] : [.. whole];
            if (!truncate) damaged[at] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, damaged);
            try
            {
                Assert.NotNull(Tokenizer.LoadLlama2C(path).Encode("a b"));
            }
            catch (ReverieException e)
            {
                Assert.Contains(path, e.Message);
                Assert.DoesNotContain(e.Message, char.IsControl);
            }
        }, iter: 300, threads: 1);
    }

    [Fact]
    public void Stories_are_encoded_as_Llama2c_encodes_them()
    {
        string? folder = Environment.GetEnvironmentVariable("REVERIE_STORIES260K");
        Assert.SkipWhen(string.IsNullOrEmpty(folder), "REVERIE_STORIES260K does not name a folder with stories260K.");
        string path = Path.Combine(folder, "tok512.bin");
        var tokenizer = Tokenizer.LoadLlama2C(path);
        Assert.Equal(512, tokenizer.VocabularySize);
        Assert.Equal([1, 403, 407, 261, 378], tokenizer.EncodeDocument("Once upon a time"));
        Assert.Equal([1, 403, 407, 261, 378], Saved(tokenizer).EncodeDocument("Once upon a time"));
    }

    [Fact]
    public void A_vocabulary_of_many_tokens_with_faults_ends_soon()
    {
        JsonNode root = JsonNode.Parse(ForeignTokenizers.Json("qwen2"))!;
        JsonObject vocabulary = root["model"]!["vocab"]!.AsObject();
        foreach ((string edit, string part) in new[] { ("2147483647", "beyond any vocabulary"), ("1000000", "none with the id") })
        {
            vocabulary["zzz"] = int.Parse(edit);
            ReverieException e = Assert.Throws<ReverieException>(() => Load(root.ToJsonString()));
            Assert.Contains(part, e.Message);
        }
    }
}
