using System.Text.Encodings.Web;
using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Writes Hugging Face's <c>tokenizer.json</c>.</summary>
internal sealed class TokenizerFileWriter
{
    private const string SpaceMark = "\u2581";

    private readonly Utf8JsonWriter _json;
    private readonly Tokenizer _tokenizer;
    private readonly TokenizerDefinition _definition;

    private TokenizerFileWriter(Utf8JsonWriter json, Tokenizer tokenizer) => (_json, _tokenizer, _definition) = (json, tokenizer, tokenizer.Definition);

    public static void Write(Tokenizer tokenizer, string path) => AtomicFile.Write(path, stream =>
    {
        // Relaxed: the byte alphabet stands readable in the file, as in everybody else's.
        using var json = new Utf8JsonWriter(
            stream, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        new TokenizerFileWriter(json, tokenizer).Write();
    });

    private void Write()
    {
        _json.WriteStartObject();
        _json.WriteString("version", "1.0");
        _json.WriteNull("truncation");
        _json.WriteNull("padding");
        WriteSpecials();
        if (_definition.Kind == TokenizerKind.ByteLevel) WriteByteLevelPipeline();
        else WriteSentencePiecePipeline();
        WriteModel();
        _json.WriteEndObject();
    }

    private void WriteSpecials()
    {
        _json.WriteStartArray("added_tokens");
        foreach ((int id, SpecialToken special) in _definition.Specials.OrderBy(s => s.Key))
        {
            _json.WriteStartObject();
            _json.WriteNumber("id", id);
            _json.WriteString("content", special.Text);
            _json.WriteBoolean("single_word", special.IsWholeWord);
            _json.WriteBoolean("lstrip", special.TakesSpaceBefore);
            _json.WriteBoolean("rstrip", special.TakesSpaceAfter);
            _json.WriteBoolean("normalized", special.IsNormalized);
            _json.WriteBoolean("special", !special.IsContent);
            _json.WriteEndObject();
        }

        _json.WriteEndArray();
    }

    private void WriteByteLevelPipeline()
    {
        if (_definition.ComposesUnicode) WriteStep("normalizer", "NFC", () => { });
        else _json.WriteNull("normalizer");
        if (_definition.Pattern is Gpt2Split { CutsAtDigits: false })
        {
            WriteByteLevel("pre_tokenizer", cuts: true);
        }
        else
        {
            WriteStep("pre_tokenizer", "Sequence", () =>
            {
                _json.WriteStartArray("pretokenizers");
                if (_definition.Pattern.Regex is { } regex) WriteStep(null, "Split", () => WriteSplit(regex));
                else WriteStep(null, "Digits", () => _json.WriteBoolean("individual_digits", true));
                WriteByteLevel(null, cuts: _definition.Pattern.Regex is null);
                _json.WriteEndArray();
            });
        }

        WritePostProcessor();
        WriteByteLevel("decoder", cuts: false);
    }

    private void WriteSplit(string regex)
    {
        _json.WriteStartObject("pattern");
        _json.WriteString("Regex", regex);
        _json.WriteEndObject();
        _json.WriteString("behavior", "Isolated");
        _json.WriteBoolean("invert", false);
    }

    private void WriteByteLevel(string? name, bool cuts) => WriteStep(name, "ByteLevel", () =>
    {
        _json.WriteBoolean("add_prefix_space", false);
        _json.WriteBoolean("trim_offsets", false);
        _json.WriteBoolean("use_regex", cuts);
    });

    private void WriteSentencePiecePipeline()
    {
        SpaceMarking spaces = _definition.Spaces;
        if (spaces.MarksInPieces)
        {
            _json.WriteNull("normalizer");
            WriteStep("pre_tokenizer", "Metaspace", () =>
            {
                _json.WriteString("replacement", SpaceMark);
                _json.WriteString("prepend_scheme", spaces.Prefix switch { SpacePrefix.Always => "always", SpacePrefix.First => "first", _ => "never" });
                _json.WriteBoolean("split", spaces.CutsAtEach);
            });
        }
        else
        {
            WriteStep("normalizer", "Sequence", () =>
            {
                _json.WriteStartArray("normalizers");
                if (spaces.Prefix != SpacePrefix.Never) WriteStep(null, "Prepend", () => _json.WriteString("prepend", SpaceMark));
                WriteReplace(" ", SpaceMark);
                _json.WriteEndArray();
            });
            _json.WriteNull("pre_tokenizer");
        }

        WritePostProcessor();
        WriteStep("decoder", "Sequence", () =>
        {
            _json.WriteStartArray("decoders");
            WriteReplace(SpaceMark, " ");
            WriteStep(null, "ByteFallback", () => { });
            WriteStep(null, "Fuse", () => { });
            if (spaces.Prefix != SpacePrefix.Never)
            {
                WriteStep(null, "Strip", () =>
                {
                    _json.WriteString("content", " ");
                    _json.WriteNumber("start", 1);
                    _json.WriteNumber("stop", 0);
                });
            }

            _json.WriteEndArray();
        });
    }

    private void WriteReplace(string from, string to) => WriteStep(null, "Replace", () =>
    {
        _json.WriteStartObject("pattern");
        _json.WriteString("String", from);
        _json.WriteEndObject();
        _json.WriteString("content", to);
    });

    private void WritePostProcessor()
    {
        if (_definition.PostProcessor is { } known)
        {
            using JsonDocument document = JsonDocument.Parse(known);
            _json.WritePropertyName("post_processor");
            document.RootElement.WriteTo(_json);
        }
        else if (_tokenizer.AddsBeginOfText && _definition.Specials.TryGetValue(_tokenizer.BeginOfText!.Value, out SpecialToken? begin))
        {
            WriteStep("post_processor", "TemplateProcessing", () => WriteTemplate(begin.Text, _tokenizer.BeginOfText.Value));
        }
        else
        {
            _json.WriteNull("post_processor");
        }
    }

    private void WriteTemplate(string begin, int id)
    {
        foreach ((string name, string[] sequences) in new[] { ("single", new[] { "A" }), ("pair", ["A", "B"]) })
        {
            _json.WriteStartArray(name);
            for (int type = 0; type < sequences.Length; type++)
            {
                WritePart("SpecialToken", begin, type);
                WritePart("Sequence", sequences[type], type);
            }

            _json.WriteEndArray();
        }

        _json.WriteStartObject("special_tokens");
        _json.WriteStartObject(begin);
        _json.WriteString("id", begin);
        _json.WriteStartArray("ids");
        _json.WriteNumberValue(id);
        _json.WriteEndArray();
        _json.WriteStartArray("tokens");
        _json.WriteStringValue(begin);
        _json.WriteEndArray();
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WritePart(string kind, string id, int type)
    {
        _json.WriteStartObject();
        _json.WriteStartObject(kind);
        _json.WriteString("id", id);
        _json.WriteNumber("type_id", type);
        _json.WriteEndObject();
        _json.WriteEndObject();
    }

    private void WriteModel()
    {
        bool isSentencePiece = _definition.Kind == TokenizerKind.SentencePiece;
        _json.WriteStartObject("model");
        _json.WriteString("type", "BPE");
        _json.WriteNull("dropout");
        if (_definition.Unknown is int unknown) _json.WriteString("unk_token", _definition.Spelling(unknown));
        else _json.WriteNull("unk_token");
        _json.WriteString("continuing_subword_prefix", "");
        _json.WriteString("end_of_word_suffix", "");
        _json.WriteBoolean("fuse_unk", isSentencePiece && _definition.FusesUnknown);
        _json.WriteBoolean("byte_fallback", isSentencePiece && _definition.Types.Contains(TokenType.Byte));
        _json.WriteBoolean("ignore_merges", _definition.WholePieces is not null);
        _json.WriteStartObject("vocab");

        // Hugging Face counts special tokens on from the vocabulary, so those between its tokens stand in it.
        int last = Array.FindLastIndex(_definition.Types, t => t is TokenType.Normal or TokenType.Byte or TokenType.Unused);
        for (int id = 0; id <= last; id++) _json.WriteNumber(_definition.Spelling(id), id);
        _json.WriteEndObject();
        _json.WriteStartArray("merges");
        foreach (BpeMerge merge in _definition.Merges)
        {
            _json.WriteStartArray();
            _json.WriteStringValue(_definition.Spelling(merge.Left));
            _json.WriteStringValue(_definition.Spelling(merge.Right));
            _json.WriteEndArray();
        }

        _json.WriteEndArray();
        _json.WriteEndObject();
    }

    private void WriteStep(string? name, string type, Action content)
    {
        if (name is null) _json.WriteStartObject();
        else _json.WriteStartObject(name);
        _json.WriteString("type", type);
        content();
        _json.WriteEndObject();
    }
}
