using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c>. Whatever stands in a file, reading ends soon, with a tokenizer or one clear line.</summary>
/// <remarks>A post-processor is kept and not applied: no token is added at the ends.</remarks>
internal sealed class TokenizerFile
{
    private const long MaximumLength = 128L << 20;

    private readonly TokenizerJson _json;

    private TokenizerFile(string path) => _json = new TokenizerJson(path);

    public static Tokenizer Read(string path)
    {
        var file = new TokenizerFile(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > MaximumLength) throw file._json.Fault($"it is {length >> 20} MiB, and {MaximumLength >> 20} MiB is the most a tokenizer may have");
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
            throw new ReverieException(file._json.Message($"it is damaged: not valid JSON{where}"), e);
        }
        catch (InvalidOperationException e)
        {
            throw new ReverieException(file._json.Message("it is damaged: a string is not valid Unicode"), e);
        }
    }

    private Tokenizer Parse(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object) throw _json.Fault("it holds no JSON object");
        JsonElement model = _json.Member(root, "model", JsonValueKind.Object);
        if (_json.Text(model, "type") is not (null or "BPE") and string type) throw _json.Fault($"its model is {VocabularyBuilder.Show(type)}, not BPE");
        TokenizerPipeline pipeline = TokenizerPipeline.Read(_json, root);
        foreach (string affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (_json.Text(model, affix) is not (null or "")) throw _json.Fault($"its {affix} is not empty");
        }

        var builder = new VocabularyBuilder(pipeline.Kind, pipeline.Kind == TokenizerKind.SentencePiece && _json.Flag(model, "byte_fallback"), _json.Fault);
        ReadSpecials(root, _json.Text(model, "unk_token"), builder);
        foreach (JsonProperty entry in _json.Member(model, "vocab", JsonValueKind.Object).EnumerateObject())
            builder.Add(_json.Id(entry.Value, entry.Name), entry.Name);
        int index = 0;
        foreach (JsonElement merge in _json.Member(model, "merges", JsonValueKind.Array).EnumerateArray())
        {
            (string left, string right) = Pair(merge, index);
            builder.AddMerge(left, right, index++);
        }

        TokenizerDefinition definition = builder.Build();
        int? begin = pipeline.Begin is null ? null : builder.Find(pipeline.Begin)
            ?? throw _json.Fault($"its post_processor begins a text with {VocabularyBuilder.Show(pipeline.Begin)}, which is not in the vocabulary");
        return new Tokenizer(definition with
        {
            Pattern = pipeline.Pattern,
            ComposesUnicode = pipeline.ComposesUnicode,
            TakesWholePieces = _json.Flag(model, "ignore_merges"),
            Spaces = pipeline.Spaces,
            FusesUnknown = _json.Flag(model, "fuse_unk"),
            Begin = begin,
            PostProcessor = pipeline.PostProcessor,
        });
    }

    private void ReadSpecials(JsonElement root, string? unknown, VocabularyBuilder builder)
    {
        if (_json.Optional(root, "added_tokens", JsonValueKind.Array) is null) return;
        foreach (JsonElement token in _json.Objects(root, "added_tokens"))
        {
            string text = _json.Text(token, "content") ?? throw _json.Fault("an added token has no content");
            var special = new SpecialToken(text, IsContent: !_json.Flag(token, "special"))
            {
                IsWholeWord = _json.Flag(token, "single_word"),
                TakesSpaceBefore = _json.Flag(token, "lstrip"),
                TakesSpaceAfter = _json.Flag(token, "rstrip"),
                IsNormalized = _json.Flag(token, "normalized"),
            };
            builder.AddSpecial(_json.Id(_json.Member(token, "id", JsonValueKind.Number), text), special, text == unknown);
        }
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

        throw _json.Fault($"merge {index} is not a pair of tokens");
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
