using Reverie.Tensors;

namespace Reverie.Models;

// How a tokenizer comes from files and goes into them.
public sealed partial class Tokenizer
{
    /// <summary>Bytes or characters.</summary>
    public TokenizerKind Kind => Definition.Kind;

    /// <summary>
    /// GGUF's name of the split pattern (<c>tokenizer.ggml.pre</c>): <c>qwen2</c>, <c>llama-bpe</c>, <c>gpt-2</c> or <c>smollm</c>;
    /// <c>default</c> for SentencePiece, which has none.
    /// </summary>
    public string PatternName => Kind == TokenizerKind.ByteLevel ? Definition.Pattern.Name : "default";

    /// <summary>Whether a SentencePiece tokenizer puts a space before a text, which <see cref="Decode"/> takes away again.</summary>
    public bool StartsWithSpace => Definition.Spaces.Prefix != SpacePrefix.Never;

    /// <summary>The token for what cannot be written; null where there is none.</summary>
    public int? Unknown => Definition.Unknown;

    /// <summary>The merges in order, two tokens each as <see cref="Spelling"/> writes them with a space between, as GGUF has them.</summary>
    public IEnumerable<string> MergeSpellings => Merges.Select(m => $"{Definition.Spelling(m.Left)} {Definition.Spelling(m.Right)}");

    /// <summary>Reads a Hugging Face <c>tokenizer.json</c>: byte-level BPE with the split pattern of GPT-2, SmolLM, Llama 3 or Qwen2, or SentencePiece-style BPE.</summary>
    /// <exception cref="ReverieException">The file cannot be read, is damaged, or asks for what this tokenizer does not do.</exception>
    public static Tokenizer Load(string path) => TokenizerFile.Read(path);

    /// <summary>
    /// Reads the tokenizer of a model folder with its settings: <c>tokenizer.json</c>, and where they are there
    /// <c>tokenizer_config.json</c> and <c>generation_config.json</c>.
    /// </summary>
    /// <exception cref="ReverieException">As for <see cref="Load"/>, for each file.</exception>
    public static Tokenizer LoadFolder(string folder)
    {
        Tokenizer tokenizer = Load(Path.Combine(folder, Checkpoint.TokenizerFileName));
        return tokenizer.With(SettingsFiles.Read(folder, tokenizer));
    }

    /// <summary>Reads the <c>tokenizer.bin</c> of llama2.c: SentencePiece's tokens and scores, with 0 the unknown token, 1 the begin and 2 the end of a text.</summary>
    /// <exception cref="ReverieException">The file cannot be read or is damaged.</exception>
    public static Tokenizer LoadLlama2C(string path) => Llama2CTokenizerFile.Read(path);

    /// <summary>Makes a byte-level BPE tokenizer, as GGUF stores it.</summary>
    /// <param name="tokens">Spelled in GPT-2's byte alphabet; special ones as they are written. Unused ones at the end are left out.</param>
    /// <param name="merges">Two tokens with a space between, first to last.</param>
    /// <param name="types">What each token is; null where all are text.</param>
    /// <param name="pattern">GGUF's name of the split pattern, see <see cref="PatternName"/>.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="settings">What the model wants beyond ids.</param>
    /// <exception cref="ReverieException">The pattern is not known, a token is there twice, a merge joins what is not there.</exception>
    public static Tokenizer FromBytePairs(
        IReadOnlyList<string> tokens, IReadOnlyList<string> merges, IReadOnlyList<TokenType>? types, string pattern, string source, TokenizerSettings? settings = null)
    {
        ReverieException Fault(string what) => VocabularyFault(source, what);
        SplitPattern split = SplitPattern.ByName(pattern)
            ?? throw Fault($"its split pattern {VocabularyBuilder.Show(pattern)} is none of {string.Join(", ", SplitPattern.All.Select(p => p.Name))}");
        VocabularyBuilder builder = Listed(TokenizerKind.ByteLevel, tokens, types, Fault);
        for (int i = 0; i < merges.Count; i++)
        {
            int cut = merges[i].IndexOf(' ');
            if (cut < 1 || cut != merges[i].LastIndexOf(' ') || cut == merges[i].Length - 1) throw Fault($"merge {i} is not a pair of tokens");
            builder.AddMerge(merges[i].Remove(cut, 1), cut, i);
        }

        TokenizerDefinition definition = builder.Build() with { Pattern = split, WholePieces = split == SplitPattern.Llama3 ? builder.Ids : null };
        return new Tokenizer(definition, settings);
    }

    /// <summary>Makes a SentencePiece tokenizer from scores: of all neighbours whose text is a token, those of the highest score are joined first, leftmost first.</summary>
    /// <param name="tokens">With U+2581 for a space; unused ones at the end are left out.</param>
    /// <param name="scores">As many.</param>
    /// <param name="types">What each token is; null: <c>&lt;0x0A&gt;</c> and the like are bytes, all others text.</param>
    /// <param name="source">The file, for messages.</param>
    /// <param name="startsWithSpace">Whether a space is put before a text.</param>
    /// <param name="settings">What the model wants beyond ids.</param>
    /// <exception cref="ReverieException">The lists are not of one length, a token is there twice, a score is no number.</exception>
    public static Tokenizer FromSentencePiece(
        IReadOnlyList<string> tokens, IReadOnlyList<float> scores, IReadOnlyList<TokenType>? types, string source, bool startsWithSpace = true, TokenizerSettings? settings = null)
    {
        ReverieException Fault(string what) => VocabularyFault(source, what);
        if (scores.Count != tokens.Count) throw Fault($"it has {tokens.Count} tokens and {scores.Count} scores");
        VocabularyBuilder builder = Listed(TokenizerKind.SentencePiece, tokens, types, Fault);
        builder.AddMergesByScore(scores);
        TokenizerDefinition definition = builder.Build();
        return new Tokenizer(
            definition with { Scores = [.. scores.Take(definition.Count)], Spaces = new SpaceMarking(startsWithSpace ? SpacePrefix.Always : SpacePrefix.Never) }, settings);
    }

    /// <summary>Writes a Hugging Face <c>tokenizer.json</c>, atomically.</summary>
    /// <exception cref="ReverieException">The file cannot be written; the old one is untouched.</exception>
    public void Save(string path) => TokenizerFileWriter.Write(this, path);

    /// <summary>The same tokenizer with other settings.</summary>
    public Tokenizer With(TokenizerSettings settings) => new(this, settings);

    /// <summary>How files write token <paramref name="id"/>: in the byte alphabet, with U+2581 for a space, or as <c>&lt;0x0A&gt;</c>.</summary>
    /// <exception cref="ReverieException">The id is not in the vocabulary.</exception>
    public string Spelling(int id) => Bytes(id).IsEmpty ? "" : Definition.Spelling(id);

    /// <summary>What token <paramref name="id"/> is.</summary>
    /// <exception cref="ReverieException">The id is not in the vocabulary.</exception>
    public TokenType TypeOf(int id) => Bytes(id).IsEmpty ? TokenType.Unused : Definition.Types[id];

    /// <summary>SentencePiece's score of each token: as the file has it, or less by one for each earlier merge. Zeros for byte-level tokenizers, which have none.</summary>
    public float[] Scores()
    {
        if (Definition.Scores is { } known) return [.. known];
        float[] scores = new float[VocabularySize];
        if (Kind == TokenizerKind.ByteLevel) return scores;
        for (int id = 0; id < scores.Length; id++)
            scores[id] = Definition.Types[id] == TokenType.Normal ? -(float)(Merges.Length + id) : 0;
        for (int rank = Merges.Length - 1; rank >= 0; rank--) scores[Merges[rank].Result] = -rank;
        return scores;
    }

    private static VocabularyBuilder Listed(TokenizerKind kind, IReadOnlyList<string> tokens, IReadOnlyList<TokenType>? types, Func<string, ReverieException> fault)
    {
        if (types is not null && types.Count != tokens.Count) throw fault($"it has {tokens.Count} tokens and {types.Count} token types");
        int count = tokens.Count;
        while (types is not null && count > 0 && types[count - 1] == TokenType.Unused) count--;
        var builder = new VocabularyBuilder(kind, hasBytes: kind == TokenizerKind.SentencePiece, fault, count);
        for (int id = 0; id < count; id++)
        {
            TokenType type = types?[id] ?? TokenType.Normal;
            if (type is TokenType.Control or TokenType.UserDefined or TokenType.Unknown)
                builder.AddSpecial(id, new SpecialToken(tokens[id], IsContent: type == TokenType.UserDefined), type == TokenType.Unknown);
            else builder.Add(id, tokens[id], type == TokenType.Unused);
        }

        return builder;
    }

    private static ReverieException VocabularyFault(string source, string what) =>
        new($"The tokenizer of {source} cannot be used: {what}. Fetch or convert the model again.");
}
