using System.Text.Json.Nodes;

namespace Reverie.Models.Tests.Tokenization;

/// <summary>Small tokenizers in the forms that other people's models have.</summary>
internal static class ForeignTokenizers
{
    private const string Llama3 =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } =
        ["qwen2", "gpt-2", "smollm", "llama-bpe", "flags", "llama-2", "llama-2-normalized", "metaspace-first", "metaspace-always"];

    /// <summary>The content of a tokenizer.json.</summary>
    public static string Json(string name) => (name switch
    {
        "qwen2" => ByteLevel(root => root["normalizer"] = Step("NFC")),
        "gpt-2" => ByteLevel(root => root["pre_tokenizer"] = Cutting(true)),
        "smollm" => ByteLevel(root => root["pre_tokenizer"] = Sequence(new JsonObject { ["type"] = "Digits", ["individual_digits"] = true }, Cutting(true))),
        "llama-bpe" => ByteLevel(AsLlama3),
        "flags" => ByteLevel(SetFlags),
        "llama-2" => SentencePiece(normalized: false),
        "llama-2-normalized" => SentencePiece(normalized: true),
        "metaspace-first" => Metaspace("first", split: false),
        _ => Metaspace("always", split: true),
    }).ToJsonString();

    private static JsonObject ByteLevel(Action<JsonObject> change)
    {
        string path = Path.GetTempFileName();
        try
        {
            TokenizerTests.Small().Save(path);
            JsonObject root = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            change(root);
            return root;
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AsLlama3(JsonObject root)
    {
        root["pre_tokenizer"] = Sequence(
            new JsonObject { ["type"] = "Split", ["pattern"] = new JsonObject { ["Regex"] = Llama3 }, ["behavior"] = "Isolated", ["invert"] = false }, Cutting(false));
        root["post_processor"] = new JsonObject { ["type"] = "Sequence", ["processors"] = new JsonArray(Cutting(true), Template("<|endoftext|>", 693)) };

        // Tokens that no merge makes.
        JsonObject model = root["model"]!.AsObject();
        model["ignore_merges"] = true;
        foreach (JsonNode? special in root["added_tokens"]!.AsArray()) model["vocab"]![special!["content"]!.GetValue<string>()] = special["id"]!.GetValue<int>();
        model["vocab"]!["123"] = 700;
        model["vocab"]!["Ġxyz"] = 701;
    }

    private static void SetFlags(JsonObject root)
    {
        root["normalizer"] = Step("NFC");
        JsonArray added = root["added_tokens"]!.AsArray();
        added[3]!["lstrip"] = true;
        added[4]!["rstrip"] = true;
        added[5]!["single_word"] = true;
        added.Add(Added(700, "caf\u00e9", special: false, normalized: true));
        added.Add(Added(701, "<|im_end|><think>", special: true, normalized: false));
    }

    private static JsonObject SentencePiece(bool normalized)
    {
        var vocabulary = new JsonObject { ["<unk>"] = 0, ["<s>"] = 1, ["</s>"] = 2 };
        for (int b = 0; b < 256; b++) vocabulary[$"<0x{b:X2}>"] = 3 + b;
        string[] tokens = ["▁", "a", "b", "c", "d", "e", "h", "l", "o", "r", "t", "w", "é", "中", "<", ">", "s", "/", "▁▁", "▁▁▁▁", "he", "ll", "llo", "hello", "▁hello", "▁w", "or", "▁wor", "ld", "▁world", "▁t", "▁th", "▁the", "aa", "aaa", "😀"];
        foreach (string token in tokens) vocabulary[token] = vocabulary.Count;
        string[] merges =
        [
            "▁ ▁", "▁▁ ▁▁", "h e", "l l", "ll o", "he llo", "▁ hello", "▁ w", "o r", "▁w or", "l d", "▁wor ld", "▁ t", "▁t h", "▁t he", "▁th e", "a a", "aa a", "a aa",
        ];
        return new JsonObject
        {
            ["version"] = "1.0",
            ["truncation"] = null,
            ["padding"] = null,
            ["added_tokens"] = new JsonArray([.. new[] { "<unk>", "<s>", "</s>" }.Select((text, id) => Added(id, text, special: true, normalized))]),
            ["normalizer"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["normalizers"] = new JsonArray(new JsonObject { ["type"] = "Prepend", ["prepend"] = "▁" }, Replace(" ", "▁")),
            },
            ["pre_tokenizer"] = null,
            ["post_processor"] = Template("<s>", 1),
            ["decoder"] = new JsonObject
            {
                ["type"] = "Sequence",
                ["decoders"] = new JsonArray(
                    Replace("▁", " "), Step("ByteFallback"), Step("Fuse"), new JsonObject { ["type"] = "Strip", ["content"] = " ", ["start"] = 1, ["stop"] = 0 }),
            },
            ["model"] = new JsonObject
            {
                ["type"] = "BPE",
                ["dropout"] = null,
                ["unk_token"] = "<unk>",
                ["continuing_subword_prefix"] = null,
                ["end_of_word_suffix"] = null,
                ["fuse_unk"] = true,
                ["byte_fallback"] = true,
                ["vocab"] = vocabulary,
                ["merges"] = new JsonArray([.. merges.Select(m => JsonValue.Create(m))]),
            },
        };
    }

    private static JsonObject Metaspace(string scheme, bool split)
    {
        JsonObject root = SentencePiece(normalized: false);
        root["normalizer"] = null;
        root["pre_tokenizer"] = new JsonObject { ["type"] = "Metaspace", ["replacement"] = "▁", ["prepend_scheme"] = scheme, ["split"] = split };
        return root;
    }

    private static JsonObject Step(string type) => new() { ["type"] = type };

    private static JsonObject Cutting(bool cuts) => new() { ["type"] = "ByteLevel", ["add_prefix_space"] = false, ["trim_offsets"] = true, ["use_regex"] = cuts };

    private static JsonObject Sequence(params JsonNode[] steps) => new() { ["type"] = "Sequence", ["pretokenizers"] = new JsonArray(steps) };

    private static JsonObject Replace(string from, string to) => new() { ["type"] = "Replace", ["pattern"] = new JsonObject { ["String"] = from }, ["content"] = to };

    private static JsonObject Added(int id, string text, bool special, bool normalized) => new()
    {
        ["id"] = id,
        ["content"] = text,
        ["single_word"] = false,
        ["lstrip"] = false,
        ["rstrip"] = false,
        ["normalized"] = normalized,
        ["special"] = special,
    };

    private static JsonObject Template(string token, int id) => new()
    {
        ["type"] = "TemplateProcessing",
        ["single"] = new JsonArray(Part("SpecialToken", token), Part("Sequence", "A")),
        ["pair"] = new JsonArray(Part("Sequence", "A"), Part("Sequence", "B")),
        ["special_tokens"] = new JsonObject { [token] = new JsonObject { ["id"] = token, ["ids"] = new JsonArray(id), ["tokens"] = new JsonArray(token) } },
    };

    private static JsonObject Part(string kind, string id) => new() { [kind] = new JsonObject { ["id"] = id, ["type_id"] = 0 } };
}
