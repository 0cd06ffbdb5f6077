using System.Runtime.CompilerServices;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads Hugging Face's <c>tokenizer.json</c>. Whatever stands in a file, reading ends soon, with a tokenizer or one clear line.</summary>
/// <remarks>
/// The vocabulary and the merges, which are nearly all of a file, are read as a stream; the rest as a document.
/// A post-processor is kept and not applied: no token is added at the ends.
/// </remarks>
internal sealed class TokenizerFile
{
    private const long MaximumLength = 128L << 20;

    /// <summary>A token takes at least about so many bytes of a file.</summary>
    private const int BytesPerToken = 16;

    private readonly TokenizerJson _json;

    // Both texts of a merge, one after the other.
    private char[] _merge = new char[1024];

    private TokenizerFile(string path) => _json = new TokenizerJson(path);

    public static Tokenizer Read(string path)
    {
        var file = new TokenizerFile(path);
        try
        {
            long length = new FileInfo(path).Length;
            if (length > MaximumLength) throw file._json.Fault($"it is {length >> 20} MiB, and {MaximumLength >> 20} MiB is the most a tokenizer may have");
            return file.Parse(File.ReadAllBytes(path));
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

    private Tokenizer Parse(byte[] bytes)
    {
        (Range vocabulary, Range merges) = FindLists(bytes);
        using JsonDocument document = JsonDocument.Parse(Without(bytes, vocabulary, merges), new JsonDocumentOptions { AllowDuplicateProperties = false });
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object) throw _json.Fault("it holds no JSON object");
        JsonElement model = _json.Member(root, "model", JsonValueKind.Object);
        if (_json.Text(model, "type") is not (null or "BPE") and string type) throw _json.Fault($"its model is {VocabularyBuilder.Show(type)}, not BPE");
        TokenizerPipeline pipeline = TokenizerPipeline.Read(_json, root);
        foreach (string affix in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (_json.Text(model, affix) is not (null or "")) throw _json.Fault($"its {affix} is not empty");
        }

        _json.Member(model, "vocab", JsonValueKind.Object);
        _json.Member(model, "merges", JsonValueKind.Array);
        bool hasBytes = pipeline.Kind == TokenizerKind.SentencePiece && _json.Flag(model, "byte_fallback"), takesWholePieces = _json.Flag(model, "ignore_merges");
        var builder = new VocabularyBuilder(pipeline.Kind, hasBytes, _json.Fault, vocabulary.End.Value / BytesPerToken);
        ReadSpecials(root, _json.Text(model, "unk_token"), builder);
        ReadVocabulary(bytes.AsSpan(vocabulary), builder);
        ReadMerges(bytes.AsSpan(merges), builder);
        TokenizerDefinition definition = builder.Build();
        int? begin = pipeline.Begin is null ? null : builder.Find(pipeline.Begin)
            ?? throw _json.Fault($"its post_processor begins a text with {VocabularyBuilder.Show(pipeline.Begin)}, which is not in the vocabulary");
        return new Tokenizer(definition with
        {
            Pattern = pipeline.Pattern,
            ComposesUnicode = pipeline.ComposesUnicode,
            WholePieces = takesWholePieces ? builder.Ids : null,
            Spaces = pipeline.Spaces,
            FusesUnknown = _json.Flag(model, "fuse_unk"),
            Begin = begin,
            PostProcessor = pipeline.PostProcessor,
        });
    }

    /// <summary>Where the vocabulary and the merges stand in a file; nowhere is an empty range.</summary>
    private static (Range Vocabulary, Range Merges) FindLists(ReadOnlySpan<byte> bytes)
    {
        Range vocabulary = 0..0, merges = 0..0;
        var reader = new Utf8JsonReader(bytes);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return (vocabulary, merges);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isModel = reader.ValueTextEquals("model");
            reader.Read();
            if (!isModel || reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isVocabulary = reader.ValueTextEquals("vocab"), isMerges = reader.ValueTextEquals("merges");
                reader.Read();
                JsonTokenType kind = reader.TokenType;
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                Range whole = start..(int)reader.BytesConsumed;

                // One that is there twice stays in the document, which refuses it.
                if (isVocabulary && kind == JsonTokenType.StartObject) vocabulary = whole;
                if (isMerges && kind == JsonTokenType.StartArray) merges = whole;
            }
        }

        return (vocabulary, merges);
    }

    /// <summary>The file with its two long lists empty.</summary>
    private static byte[] Without(byte[] bytes, Range vocabulary, Range merges)
    {
        (Range Place, byte[] Content)[] cuts = [(vocabulary, "{}"u8.ToArray()), (merges, "[]"u8.ToArray())];
        List<byte> rest = new(bytes.Length - (vocabulary.End.Value - vocabulary.Start.Value) - (merges.End.Value - merges.Start.Value) + 4);
        int done = 0;
        foreach ((Range place, byte[] content) in cuts.Where(c => c.Place.End.Value > 0).OrderBy(c => c.Place.Start.Value))
        {
            rest.AddRange(bytes.AsSpan(done..place.Start.Value));
            rest.AddRange(content);
            done = place.End.Value;
        }

        rest.AddRange(bytes.AsSpan(done));
        return [.. rest];
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadVocabulary(ReadOnlySpan<byte> json, VocabularyBuilder builder)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string spelling = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out int id) || id < 0)
                throw _json.Fault($"the token {VocabularyBuilder.Show(spelling)} has an id that is not a whole number from 0 on");
            builder.Add(id, spelling);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadMerges(ReadOnlySpan<byte> json, VocabularyBuilder builder)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            int length = 0, cut = 0;
            if (reader.TokenType == JsonTokenType.String)
            {
                length = Copy(ref reader, 0);
                cut = _merge.AsSpan(0, length).IndexOf(' ');
                if (cut > 0)
                {
                    _merge.AsSpan(cut + 1, length - cut - 1).CopyTo(_merge.AsSpan(cut));
                    length--;
                    if (_merge.AsSpan(cut, length - cut).Contains(' ')) cut = 0;
                }
            }
            else if (reader.TokenType == JsonTokenType.StartArray && reader.Read() && reader.TokenType == JsonTokenType.String)
            {
                cut = Copy(ref reader, 0);
                length = reader.Read() && reader.TokenType == JsonTokenType.String ? cut + Copy(ref reader, cut) : 0;
                if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray) length = 0;
            }

            if (cut <= 0 || cut >= length) throw _json.Fault($"merge {index} is not a pair of tokens");
            builder.AddMerge(_merge.AsSpan(0, length), cut, index);
        }
    }

    /// <summary>Copies a text to <see cref="_merge"/>; returns its length.</summary>
    private int Copy(ref Utf8JsonReader reader, int start)
    {
        if (start + reader.ValueSpan.Length > _merge.Length) Array.Resize(ref _merge, 2 * (start + reader.ValueSpan.Length));
        return reader.CopyString(_merge.AsSpan(start));
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.', ' ');
}
