using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads and writes Hugging Face's <c>tokenizer.json</c>. Whatever stands in a file, reading ends soon, with a tokenizer or one clear line.</summary>
/// <remarks>
/// A normalizer of type NFC, which Qwen's files have, is accepted and not applied: text is encoded as it stands.
/// A post-processor is not applied either: no token is added at the ends.
/// </remarks>
internal sealed class TokenizerFile
{
    private const long MaximumLength = 256L << 20;

    private readonly string _path;
    private readonly Dictionary<int, SpecialToken> _specials = [];
    private readonly Dictionary<string, int> _ids = [];

    private TokenizerFile(string path) => _path = path;

    public static Tokenizer Read(string path)
    {
        var file = new TokenizerFile(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > MaximumLength) throw file.Fault($"it is {length >> 20} MiB, and {MaximumLength >> 20} MiB is the most a tokenizer may have");
            using JsonDocument document = JsonDocument.Parse(
                File.ReadAllBytes(path), new JsonDocumentOptions { AllowDuplicateProperties = false });
            return file.Parse(document.RootElement);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read the tokenizer {path}: {OneLine(e.Message)}. Check the path.", e);
        }
        catch (JsonException e)
        {
            // The exception's own message can quote the whole rest of the file.
            string where = e.LineNumber is long line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw new ReverieException(file.Message($"it is damaged: not valid JSON{where}"), e);
        }
        catch (InvalidOperationException e)
        {
            throw new ReverieException(file.Message("it is damaged: a string is not valid Unicode"), e);
        }
    }

    public static void Write(Tokenizer tokenizer, string path) => AtomicFile.Write(path, stream =>
    {
        // Relaxed: the byte alphabet stands readable in the file, as in everybody else's.
        using var json = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        json.WriteStartObject();
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (tokenizer.Special(id) is not { } special) continue;
            json.WriteStartObject();
            json.WriteNumber("id", id);
            json.WriteString("content", special.Text);
            foreach (string flag in _addedTokenFlags) json.WriteBoolean(flag, false);
            json.WriteBoolean("special", !special.IsContent);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNull("normalizer");
        json.WriteStartObject("pre_tokenizer");
        json.WriteString("type", "Sequence");
        json.WriteStartArray("pretokenizers");
        json.WriteStartObject();
        json.WriteString("type", "Split");
        json.WriteStartObject("pattern");
        json.WriteString("Regex", SplitPattern.Regex);
        json.WriteEndObject();
        json.WriteString("behavior", "Isolated");
        json.WriteBoolean("invert", false);
        json.WriteEndObject();
        WriteByteLevel(json, null);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteNull("post_processor");
        WriteByteLevel(json, "decoder");
        WriteModel(json, tokenizer);
        json.WriteEndObject();
    });

    private static readonly string[] _addedTokenFlags = ["single_word", "lstrip", "rstrip", "normalized"];

    private static void WriteByteLevel(Utf8JsonWriter json, string? name)
    {
        if (name is null) json.WriteStartObject();
        else json.WriteStartObject(name);
        json.WriteString("type", "ByteLevel");
        json.WriteBoolean("add_prefix_space", false);
        json.WriteBoolean("trim_offsets", false);
        json.WriteBoolean("use_regex", false);
        json.WriteEndObject();
    }

    private static void WriteModel(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteNull("unk_token");
        json.WriteString("continuing_subword_prefix", "");
        json.WriteString("end_of_word_suffix", "");
        json.WriteBoolean("fuse_unk", false);
        json.WriteBoolean("byte_fallback", false);
        json.WriteBoolean("ignore_merges", false);
        json.WriteStartObject("vocab");
        for (int id = 0; id < tokenizer.VocabularySize; id++)
        {
            if (!tokenizer.IsSpecial(id)) json.WriteNumber(ByteAlphabet.Spell(tokenizer.Bytes(id)), id);
        }

        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (BpeMerge merge in tokenizer.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(ByteAlphabet.Spell(tokenizer.Bytes(merge.Left)));
            json.WriteStringValue(ByteAlphabet.Spell(tokenizer.Bytes(merge.Right)));
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private Tokenizer Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw Fault("it holds no JSON object");
        CheckPipeline(root);
        ReadSpecials(root);
        JsonElement model = Member(root, "model", JsonValueKind.Object);
        if (Text(model, "type") is not (null or "BPE")) throw Fault($"its model is {Show(Text(model, "type")!)}, not BPE");
        foreach (string affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (Text(model, affix) is not (null or "")) throw Fault($"its {affix} is not empty");
        }

        if (Flag(model, "ignore_merges")) throw Fault("it sets ignore_merges");
        byte[][] tokens = ReadVocabulary(Member(model, "vocab", JsonValueKind.Object));
        return new Tokenizer(tokens, ReadMerges(Member(model, "merges", JsonValueKind.Array)), _specials);
    }

    private void CheckPipeline(JsonElement root)
    {
        if (Optional(root, "normalizer", JsonValueKind.Object) is { } normalizer && Text(normalizer, "type") != "NFC")
            throw Fault("it has a normalizer other than NFC");
        if (Optional(root, "decoder", JsonValueKind.Object) is { } decoder && Text(decoder, "type") != "ByteLevel")
            throw Fault("its decoder is not ByteLevel");

        JsonElement pipeline = Member(root, "pre_tokenizer", JsonValueKind.Object);
        JsonElement[] steps = Text(pipeline, "type") == "Sequence"
            ? [.. Member(pipeline, "pretokenizers", JsonValueKind.Array).EnumerateArray()]
            : [];
        if (steps.Length != 2 || steps.Any(s => s.ValueKind != JsonValueKind.Object)
            || Text(steps[0], "type") != "Split" || Text(steps[1], "type") != "ByteLevel"
            || Text(Member(steps[0], "pattern", JsonValueKind.Object), "Regex") != SplitPattern.Regex
            || Text(steps[0], "behavior") != "Isolated" || Flag(steps[0], "invert")
            || Flag(steps[1], "add_prefix_space", missing: true) || Flag(steps[1], "use_regex", missing: true))
        {
            throw Fault("its pre_tokenizer is not Qwen2's split pattern followed by ByteLevel");
        }
    }

    private void ReadSpecials(JsonElement root)
    {
        if (Optional(root, "added_tokens", JsonValueKind.Array) is not { } added) return;
        HashSet<string> texts = [];
        foreach (JsonElement token in added.EnumerateArray())
        {
            if (token.ValueKind != JsonValueKind.Object) throw Fault("an added token is not an object");
            string text = Text(token, "content") ?? throw Fault("an added token has no content");
            if (text.Length == 0 || !texts.Add(text)) throw Fault($"the added token {Show(text)} is empty or there twice");
            foreach (string flag in _addedTokenFlags.Take(3))
            {
                if (Flag(token, flag)) throw Fault($"the added token {Show(text)} sets {flag}");
            }

            int id = Id(Member(token, "id", JsonValueKind.Number), text);
            if (!_specials.TryAdd(id, new SpecialToken(text, IsContent: !Flag(token, "special"))))
                throw Fault($"the id {id} is there twice");
        }
    }

    private byte[][] ReadVocabulary(JsonElement vocabulary)
    {
        Dictionary<int, byte[]> tokens = [];
        foreach ((int id, SpecialToken special) in _specials) tokens.Add(id, Encoding.UTF8.GetBytes(special.Text));
        foreach (JsonProperty entry in vocabulary.EnumerateObject())
        {
            string spelling = entry.Name;
            int id = Id(entry.Value, spelling);

            // Some files list the special tokens here as well.
            if (_specials.TryGetValue(id, out SpecialToken? special) && special.Text == spelling) continue;
            if (spelling.Length == 0 || !ByteAlphabet.TryRead(spelling, out byte[] bytes)) throw Fault($"the token {Show(spelling)} is not in the byte alphabet");
            if (!tokens.TryAdd(id, bytes)) throw Fault($"the id {id} is there twice");
            _ids.Add(spelling, id);
        }

        var byId = new byte[tokens.Count][];
        for (int id = 0; id < byId.Length; id++)
            byId[id] = tokens.TryGetValue(id, out byte[]? bytes) ? bytes : throw Fault($"it has {byId.Length} tokens but none with the id {id}");
        for (int b = 0; b < 256; b++)
        {
            if (!_ids.ContainsKey(ByteAlphabet.Spell([(byte)b]))) throw Fault($"it has no token for the byte 0x{b:x2}");
        }

        return byId;
    }

    private BpeMerge[] ReadMerges(JsonElement merges)
    {
        var all = new BpeMerge[merges.GetArrayLength()];
        HashSet<(int, int)> pairs = [];
        int index = 0;
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            (string left, string right) = Pair(merge, index);
            if (!_ids.TryGetValue(left, out int leftId) || !_ids.TryGetValue(right, out int rightId) || !_ids.TryGetValue(left + right, out int result))
                throw Fault($"merge {index} joins {Show(left)} and {Show(right)}, but these and their result are not all in the vocabulary");
            if (!pairs.Add((leftId, rightId))) throw Fault($"merge {index} of {Show(left)} and {Show(right)} is there twice");
            all[index++] = new BpeMerge(leftId, rightId, result);
        }

        return all;
    }

    private (string Left, string Right) Pair(JsonElement merge, int index)
    {
        if (merge.ValueKind == JsonValueKind.String && merge.GetString()!.Split(' ') is [{ Length: > 0 } left, { Length: > 0 } right])
            return (left, right);
        if (merge.ValueKind == JsonValueKind.Array && merge.GetArrayLength() == 2
            && merge[0].ValueKind == JsonValueKind.String && merge[1].ValueKind == JsonValueKind.String)
        {
            return (merge[0].GetString()!, merge[1].GetString()!);
        }

        throw Fault($"merge {index} is not a pair of tokens");
    }

    private int Id(JsonElement value, string token) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id >= 0
            ? id
            : throw Fault($"the token {Show(token)} has an id that is not a whole number from 0 on");

    private JsonElement Member(JsonElement parent, string name, JsonValueKind kind) =>
        Optional(parent, name, kind) ?? throw Fault($"it has no {name}");

    private JsonElement? Optional(JsonElement parent, string name, JsonValueKind kind)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return null;
        return value.ValueKind == kind ? value : throw Fault($"its {name} is not of the JSON type {kind.ToString().ToLowerInvariant()}");
    }

    private string? Text(JsonElement parent, string name) => Optional(parent, name, JsonValueKind.String)?.GetString();

    private bool Flag(JsonElement parent, string name, bool missing = false)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null) return missing;
        return value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : throw Fault($"its {name} is not true or false");
    }

    private ReverieException Fault(string what) => new(Message(what));

    private string Message(string what) =>
        $"The tokenizer {_path} cannot be used: {what}. Take the tokenizer.json that belongs to the model, or train a new one.";

    private static string Show(string text) =>
        $"\"{OneLine(JavaScriptEncoder.Default.Encode(text.Length > 40 ? text[..40] + "..." : text))}\"";

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
