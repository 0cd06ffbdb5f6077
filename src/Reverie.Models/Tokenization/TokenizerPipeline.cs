using System.Text.Json;

namespace Reverie.Models;

/// <summary>What <c>tokenizer.json</c> says of the way from text to symbols: its normalizer, pre_tokenizer, decoder and post_processor.</summary>
/// <param name="Kind">Bytes or characters.</param>
/// <param name="Pattern">Cuts text into pieces, byte-level alone.</param>
/// <param name="Spaces">SentencePiece's spaces.</param>
/// <param name="ComposesUnicode">Whether text is brought into form C.</param>
/// <param name="PostProcessor">As it stands, in JSON.</param>
/// <param name="Begin">The token that a text begins with.</param>
internal sealed record TokenizerPipeline(
    TokenizerKind Kind, SplitPattern Pattern, SpaceMarking Spaces, bool ComposesUnicode, string? PostProcessor, string? Begin)
{
    private const string SpaceMark = "\u2581";

    /// <summary>Reads it; what this tokenizer does not do is one clear line.</summary>
    public static TokenizerPipeline Read(TokenizerJson json, JsonElement root)
    {
        JsonElement[] normalizers = json.Steps(root, "normalizer", "normalizers"), cutters = json.Steps(root, "pre_tokenizer", "pretokenizers");
        (string? postProcessor, string? begin) = ReadPostProcessor(json, root);
        if (cutters.Any(c => json.Text(c, "type") == "ByteLevel"))
        {
            if (normalizers.FirstOrDefault(n => json.Text(n, "type") != "NFC") is { ValueKind: JsonValueKind.Object } other)
                throw json.Fault($"its normalizer {Show(json.Text(other, "type"))} is none that byte-level tokenizers are known to have (NFC)");
            if (json.Optional(root, "decoder", JsonValueKind.Object) is { } decoder && json.Text(decoder, "type") != "ByteLevel")
                throw json.Fault("its decoder is not ByteLevel");
            return new TokenizerPipeline(TokenizerKind.ByteLevel, ReadPattern(json, cutters), new SpaceMarking(SpacePrefix.Never), normalizers.Length > 0, postProcessor, begin);
        }

        return new TokenizerPipeline(TokenizerKind.SentencePiece, SplitPattern.Qwen2, ReadSpaces(json, normalizers, cutters), false, postProcessor, begin);
    }

    private static SplitPattern ReadPattern(TokenizerJson json, JsonElement[] cutters)
    {
        JsonElement last = cutters[^1];
        if (json.Text(last, "type") != "ByteLevel") throw json.Fault("its pre_tokenizer goes on after ByteLevel, so its split pattern is not known");
        if (json.Flag(last, "add_prefix_space", missing: true)) throw json.Fault("its pre_tokenizer puts a space before every text (add_prefix_space), which no known split pattern does");
        bool cutsAsGpt2 = json.Flag(last, "use_regex", missing: true);
        switch (cutters.Length)
        {
            case 1 when cutsAsGpt2:
                return SplitPattern.Gpt2;
            case 2 when cutsAsGpt2 && json.Text(cutters[0], "type") == "Digits" && json.Flag(cutters[0], "individual_digits"):
                return SplitPattern.SmolLm;
            case 2 when !cutsAsGpt2 && json.Text(cutters[0], "type") == "Split":
                string regex = json.Text(json.Member(cutters[0], "pattern", JsonValueKind.Object), "Regex") ?? throw json.Fault("its split pattern is no regular expression");
                if (json.Text(cutters[0], "behavior") != "Isolated" || json.Flag(cutters[0], "invert")) throw json.Fault("its split pattern is not used as Isolated");
                return SplitPattern.All.FirstOrDefault(p => p.Regex == regex) ?? throw json.Fault($"its split pattern {Show(regex)} is not known");
            default:
                throw json.Fault($"its pre_tokenizer ({string.Join(", ", cutters.Select(c => Show(json.Text(c, "type"))))}) holds no split pattern that is known");
        }
    }

    private static SpaceMarking ReadSpaces(TokenizerJson json, JsonElement[] normalizers, JsonElement[] cutters)
    {
        bool marks = false, prepends = false;
        foreach (JsonElement step in normalizers)
        {
            string? type = json.Text(step, "type");
            if (type == "Prepend" && json.Text(step, "prepend") == SpaceMark) prepends = true;
            else if (type == "Replace" && json.Text(json.Member(step, "pattern", JsonValueKind.Object), "String") == " " && json.Text(step, "content") == SpaceMark) marks = true;
            else throw json.Fault($"its normalizer {Show(type)} is none that SentencePiece-style tokenizers are known to have (Prepend and Replace of U+2581)");
        }

        if (cutters.Length > 1) throw json.Fault("its pre_tokenizer is a sequence without ByteLevel");
        string? cutter = cutters.Length == 0 ? null : json.Text(cutters[0], "type");

        // Once every space is marked there is none left to cut at.
        bool cutsAtNothing = marks && cutter == "Split" && json.Text(json.Member(cutters[0], "pattern", JsonValueKind.Object), "String") == " ";
        if (marks && (cutter is null || cutsAtNothing)) return new SpaceMarking(prepends ? SpacePrefix.Always : SpacePrefix.Never);
        if (cutter != "Metaspace" || normalizers.Length > 0) throw json.Fault($"its pre_tokenizer {Show(cutter)} is neither ByteLevel nor Metaspace, and no normalizer marks its spaces");
        if (json.Text(cutters[0], "replacement") is not (null or SpaceMark)) throw json.Fault("its Metaspace marks spaces with another character than U+2581");
        string scheme = json.Text(cutters[0], "prepend_scheme") ?? (json.Flag(cutters[0], "add_prefix_space", missing: true) ? "always" : "never");
        SpacePrefix prefix = scheme switch
        {
            "always" => SpacePrefix.Always,
            "first" => SpacePrefix.First,
            "never" => SpacePrefix.Never,
            _ => throw json.Fault($"its prepend_scheme {Show(scheme)} is not known"),
        };
        return new SpaceMarking(prefix, MarksInPieces: true, CutsAtEach: json.Flag(cutters[0], "split", missing: true));
    }

    private static (string? Json, string? Begin) ReadPostProcessor(TokenizerJson json, JsonElement root)
    {
        if (json.Optional(root, "post_processor", JsonValueKind.Object) is not { } whole) return (null, null);
        foreach (JsonElement step in json.Steps(root, "post_processor", "processors"))
        {
            if (json.Text(step, "type") != "TemplateProcessing") continue;
            JsonElement? first = json.Objects(step, "single").Select(e => (JsonElement?)e).FirstOrDefault();
            if (first is { } element && json.Optional(element, "SpecialToken", JsonValueKind.Object) is { } special)
                return (whole.GetRawText(), json.Text(special, "id") ?? throw json.Fault("its post_processor begins with a token that has no id"));
        }

        return (whole.GetRawText(), null);
    }

    private static string Show(string? text) => VocabularyBuilder.Show(text ?? "none");
}
