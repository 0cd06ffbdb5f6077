using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using Reverie.Tensors;

namespace Reverie.Models.Tests.Tokenization;

public sealed class TokenizerFileTests : IDisposable
{
    private static readonly Tokenizer _tokenizer = TokenizerTests.Small();

    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-tokenizer").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Saved()
    {
        string path = Path.Combine(_folder, "tokenizer.json");
        if (!File.Exists(path)) _tokenizer.Save(path);
        return path;
    }

    private Tokenizer LoadText(string json)
    {
        string path = Path.Combine(_folder, "edited.json");
        File.WriteAllText(path, json);
        return Tokenizer.Load(path);
    }

    private static void AssertSame(Tokenizer expected, Tokenizer actual)
    {
        Assert.Equal(expected.VocabularySize, actual.VocabularySize);
        Assert.Equal(expected.Merges, actual.Merges);
        for (int id = 0; id < expected.VocabularySize; id++)
        {
            Assert.Equal(expected.Bytes(id), actual.Bytes(id));
            Assert.Equal(expected.Special(id), actual.Special(id));
        }
    }

    [Fact]
    public void A_saved_tokenizer_loads_the_same()
    {
        Tokenizer loaded = Tokenizer.Load(Saved());
        AssertSame(_tokenizer, loaded);
        string again = Path.Combine(_folder, "again.json");
        loaded.Save(again);
        Assert.Equal(File.ReadAllBytes(Saved()), File.ReadAllBytes(again));
    }

    [Fact]
    public void Merges_written_as_strings_and_special_tokens_listed_in_the_vocabulary_load_too()
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Saved()))!;
        JsonArray merges = root["model"]!["merges"]!.AsArray();
        root["model"]!["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create($"{m![0]} {m[1]}"))]);
        root["model"]!["vocab"]!["<think>"] = _tokenizer.ThinkStart;
        root["normalizer"] = new JsonObject { ["type"] = "NFC" };
        Tokenizer loaded = LoadText(root.ToJsonString());
        AssertSame(_tokenizer, loaded);
        Assert.Equal(_tokenizer.Encode("caf\u00e9"), loaded.Encode("cafe\u0301"));
    }

    public static TheoryData<string, string> Faults => new()
    {
        { "id", "(.added_tokens.0.id = 9000)" },
        { "there twice", "(.added_tokens.0.id = 694)" },
        { "there twice", "(.model.vocab.a = 98)" },
        { "none with the id 97", "(.model.vocab.a = 5000)" },
        { "whole number", "(.model.vocab.a = \"x\")" },
        { "whole number", "(.model.vocab.a = 1e300)" },
        { "whole number", "(.model.vocab.a = -1)" },
        { "byte alphabet", "(.model.vocab.中 = 700)" },
        { "not all in the vocabulary", "(.model.merges.0 = [\"a\", \"zzzz\"])" },
        { "not a pair", "(.model.merges.0 = [\"a\", 7])" },
        { "not a pair", "(.model.merges.0 = \"a b c\")" },
        { "no model", "(.model = null)" },
        { "JSON type", "(.model.merges = {})" },
        { "not BPE", "(.model.type = \"Unigram\")" },
        { "end_of_word_suffix", "(.model.end_of_word_suffix = \"</w>\")" },
        { "split pattern", "(.pre_tokenizer.pretokenizers.0.pattern.Regex = \".\")" },
        { "split pattern", "(.pre_tokenizer.pretokenizers.1.use_regex = true)" },
        { "normalizer", "(.normalizer = {\"type\": \"Lowercase\"})" },
        { "BertPreTokenizer", "(.pre_tokenizer = {\"type\": \"BertPreTokenizer\"})" },
        { "post_processor", "(.post_processor = {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\"}}]})" },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void A_faulty_file_gets_one_line_that_names_it(string fault, string edit)
    {
        JsonNode root = JsonNode.Parse(File.ReadAllText(Saved()))!;
        string[] parts = edit.Trim('(', ')').Split(" = ", 2);
        string[] path = parts[0][1..].Split('.');
        JsonNode at = root;
        foreach (string step in path[..^1]) at = at is JsonArray array ? array[int.Parse(step)]! : at[step]!;
        JsonNode? value = JsonNode.Parse(parts[1]);
        if (at is JsonArray list) list[int.Parse(path[^1])] = value;
        else at[path[^1]] = value;
        AssertOneLine(Assert.Throws<ReverieException>(() => LoadText(root.ToJsonString())), fault);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"a\": 1, \"a\": 2}")]
    [InlineData("{\"model\": \"\\ud800\"}")]
    public void What_is_no_tokenizer_gets_one_line(string json) =>
        AssertOneLine(Assert.Throws<ReverieException>(() => LoadText(json)), "edited.json");

    [Fact]
    public void Deep_nesting_gets_one_line() =>
        AssertOneLine(Assert.Throws<ReverieException>(() => LoadText(new string('[', 1_000_000))), "valid JSON");

    [Fact]
    public void A_missing_file_gets_one_line() =>
        AssertOneLine(Assert.Throws<ReverieException>(() => Tokenizer.Load(Path.Combine(_folder, "none.json"))), "none.json");

    [Fact]
    public void Damaged_files_load_or_get_one_line()
    {
        byte[] bytes = File.ReadAllBytes(Saved());
        string path = Path.Combine(_folder, "damaged.json");
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Int[0, 7], Gen.Bool).Sample((at, bit, truncate) =>
        {
            byte[] damaged = truncate ? bytes[..at] : [.. bytes];
            if (!truncate) damaged[at] ^= (byte)(1 << bit);
            AssertLoadsOrOneLine(path, damaged);
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Files_with_a_value_replaced_load_or_get_one_line()
    {
        string json = File.ReadAllText(Saved());
        string[] values = ["null", "true", "-1", "0", "2147483648", "1e400", "\"\"", "\"a\"", "\"\\ud800\"", "\"\\n\"", "[]", "{}", "[[]]", "[\"a\",\"a\"]"];
        string path = Path.Combine(_folder, "replaced.json");
        JsonNode original = JsonNode.Parse(json)!;
        Gen.Select(Gen.ULong, Gen.Int[0, values.Length - 1]).Sample((seed, value) =>
        {
            JsonNode root = original.DeepClone();
            var random = new RandomStream(seed, "edit");
            JsonNode at = root;
            string edited = "";
            while (edited.Length == 0)
            {
                int count = at is JsonArray array ? array.Count : at.AsObject().Count;
                int index = random.Next(count);
                JsonNode? child = at is JsonArray items ? items[index] : at.AsObject().GetAt(index).Value;
                if (child is JsonArray { Count: > 0 } or JsonObject { Count: > 0 } && random.Next(5) > 0)
                {
                    at = child;
                    continue;
                }

                // A mark that is replaced in the text, because the values need not be valid Unicode.
                if (at is JsonArray list) list[index] = "MARK";
                else at[at.AsObject().GetAt(index).Key] = "MARK";
                edited = root.ToJsonString().Replace("\"MARK\"", values[value]);
            }

            AssertLoadsOrOneLine(path, Encoding.UTF8.GetBytes(edited));
        }, iter: 200, threads: 1);
    }

    private static void AssertLoadsOrOneLine(string path, byte[] content)
    {
        File.WriteAllBytes(path, content);
        try
        {
            Tokenizer loaded = Tokenizer.Load(path);
            Assert.Equal("abc 123", loaded.Decode(loaded.Encode("abc 123")));
        }
        catch (ReverieException e)
        {
            AssertOneLine(e, path);
        }
    }

    private static void AssertOneLine(ReverieException e, string part)
    {
        Assert.InRange(e.Message.Length, 1, 500);
        Assert.Contains(part, e.Message);
        Assert.DoesNotContain(e.Message, c => char.IsControl(c));
    }
}
