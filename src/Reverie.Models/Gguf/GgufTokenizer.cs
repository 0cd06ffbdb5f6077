namespace Reverie.Models;

/// <summary>The keys of a GGUF file that describe a vocabulary.</summary>
internal static class GgufTokenizer
{
    private const string Prefix = "tokenizer.ggml.", Model = Prefix + "model", Pattern = Prefix + "pre", Tokens = Prefix + "tokens", Types = Prefix + "token_type",
        Merges = Prefix + "merges", Scores = Prefix + "scores", Begin = Prefix + "bos_token_id", End = Prefix + "eos_token_id", TurnEnd = Prefix + "eot_token_id",
        Padding = Prefix + "padding_token_id", Unknown = Prefix + "unknown_token_id", AddsBegin = Prefix + "add_bos_token", AddsSpace = Prefix + "add_space_prefix";

    private const string ByteLevel = "gpt2", SentencePiece = "llama";

    /// <summary>What fills a table up is at the bottom of a SentencePiece vocabulary.</summary>
    private const float LeastScore = -1000;

    /// <summary>Reads the vocabulary.</summary>
    /// <param name="file">The file.</param>
    /// <param name="path">Its name, for messages.</param>
    public static Tokenizer Read(GgufFile file, string path)
    {
        GgufMetadata keys = file.Metadata;
        string model = keys.Text(Model), pattern = keys.Text(Pattern, "default");
        bool isPieces = model == SentencePiece;
        if (!isPieces && model != ByteLevel) throw file.Broken($"its tokenizer is of the model {SafeTensorsHeader.Printable(model)}, where {ByteLevel} or {SentencePiece} is expected");
        string[] tokens = keys.Texts(Tokens) ?? throw file.Broken($"it has no {Tokens}");
        TokenType[]? types = keys.Integers(Types)?.Select(TypeOf).ToArray();
        Tokenizer tokenizer = isPieces
            ? Tokenizer.FromSentencePiece(tokens, keys.Numbers(Scores) ?? throw file.Broken($"it has no {Scores}"), types, path, keys.Flag(AddsSpace, true))
            : Tokenizer.FromBytePairs(tokens, keys.Texts(Merges) ?? throw file.Broken($"it has no {Merges}"), types, pattern, path);

        // What a file does not say is what llama.cpp takes it for.
        return tokenizer.With(new TokenizerSettings
        {
            BeginOfText = Id(Begin, isPieces ? 1 : null),
            AddsBeginOfText = keys.Flag(AddsBegin, isPieces || tokenizer.PatternName == "llama-bpe"),
            EndTokens = [.. new[] { Id(End, isPieces ? 2 : null), Id(TurnEnd, null) }.OfType<int>().Distinct()],
            Padding = Id(Padding, null),
            ChatTemplate = file.ChatTemplate,
        });

        int? Id(string key, int? otherwise)
        {
            if (keys[key] is null) return otherwise < tokenizer.VocabularySize ? otherwise : null;
            int id = keys.Integer(key);
            return (uint)id < (uint)tokenizer.VocabularySize ? id : throw file.Broken($"its {key} is {id}, and it has {tokenizer.VocabularySize} tokens");
        }

        TokenType TypeOf(int number) => number switch
        {
            0 => TokenType.Normal,
            >= (int)TokenType.Normal and <= (int)TokenType.Byte => (TokenType)number,
            _ => throw file.Broken($"its {Types} has the unknown type {number}"),
        };
    }

    /// <summary>Writes the vocabulary, filled up to the height of the model's table.</summary>
    public static void Write(GgufOutput output, Tokenizer tokenizer, int tableRows, string? chatTemplate)
    {
        string[] tokens = new string[tableRows];
        int[] types = new int[tableRows];
        for (int id = 0; id < tableRows; id++)
        {
            bool isToken = id < tokenizer.VocabularySize;
            tokens[id] = isToken ? tokenizer.Spelling(id) : $"[PAD{id}]";
            types[id] = (int)(isToken ? tokenizer.TypeOf(id) : TokenType.Unused);
        }

        bool isPieces = tokenizer.Kind == TokenizerKind.SentencePiece;
        output.Text(Model, isPieces ? SentencePiece : ByteLevel);
        output.Text(Pattern, tokenizer.PatternName);
        output.Texts(Tokens, tokens);
        output.Integers(Types, types);
        if (isPieces)
        {
            output.Numbers(Scores, [.. tokenizer.Scores(), .. Enumerable.Repeat(LeastScore, tableRows - tokenizer.VocabularySize)]);
            output.Flag(AddsSpace, tokenizer.StartsWithSpace);
        }
        else
        {
            output.Texts(Merges, [.. tokenizer.MergeSpellings]);
        }

        int[] ends = [.. tokenizer.Settings.EndTokens.Concat(tokenizer.StopTokens).Distinct()];
        if ((tokenizer.BeginOfText ?? tokenizer.DocumentEnd) is { } begin) output.Integer(Begin, begin);
        if (ends.Length > 0) output.Integer(End, ends[0]);
        if (tokenizer.Id(SpecialToken.MessageEnd) is { } turn) output.Integer(TurnEnd, turn);
        else if (ends.Length > 1) output.Integer(TurnEnd, ends[1]);
        if ((tokenizer.Settings.Padding ?? tokenizer.DocumentEnd) is { } padding) output.Integer(Padding, padding);
        if (tokenizer.Unknown is { } unknown) output.Integer(Unknown, unknown);
        output.Flag(AddsBegin, tokenizer.AddsBeginOfText);

        // Our own template, which a tokenizer has where it names no other, is of no use without its tokens.
        chatTemplate ??= tokenizer.ChatTemplate.IsOwn && tokenizer.Id(SpecialToken.MessageStart) is null ? null : tokenizer.ChatTemplate.Source;
        if (chatTemplate is not null) output.Text("tokenizer.chat_template", chatTemplate);
    }
}
