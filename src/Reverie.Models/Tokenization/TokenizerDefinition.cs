using System.Text;

namespace Reverie.Models;

/// <summary>All that a tokenizer's file says of how text becomes ids.</summary>
internal sealed record TokenizerDefinition
{
    private static readonly SpaceMarking _noMarking = new(SpacePrefix.Never);

    /// <summary>Bytes or characters.</summary>
    public required TokenizerKind Kind { get; init; }

    /// <summary>What each token stands for.</summary>
    public required byte[][] Bytes { get; init; }

    /// <summary>What each token is.</summary>
    public required TokenType[] Types { get; init; }

    /// <summary>The special tokens by id: control, user-defined and unknown.</summary>
    public required IReadOnlyDictionary<int, SpecialToken> Specials { get; init; }

    /// <summary>The merges, first to last.</summary>
    public required BpeMerge[] Merges { get; init; }

    /// <summary>How tokens are written where that does not follow from their bytes: SentencePiece's.</summary>
    public string[]? Spellings { get; init; }

    /// <summary>SentencePiece's scores, by which merges that come at one rank are one; null where the order of the merges is all.</summary>
    public float[]? Scores { get; init; }

    /// <summary>Cuts text into pieces, byte-level alone.</summary>
    public SplitPattern Pattern { get; init; } = SplitPattern.Qwen2;

    /// <summary>Whether text is brought into Unicode's normal form C first.</summary>
    public bool ComposesUnicode { get; init; }

    /// <summary>
    /// Tokens by their spelling, where a piece that is one is that token, whatever the merges say (Hugging Face's <c>ignore_merges</c>);
    /// else null.
    /// </summary>
    public Dictionary<string, int>? WholePieces { get; init; }

    /// <summary>SentencePiece's spaces.</summary>
    public SpaceMarking Spaces { get; init; } = _noMarking;

    /// <summary>Stands for a character that cannot be written.</summary>
    public int? Unknown { get; init; }

    /// <summary>Whether a run of such characters is one token.</summary>
    public bool FusesUnknown { get; init; } = true;

    /// <summary>The token that the post-processor puts before a text.</summary>
    public int? Begin { get; init; }

    /// <summary>The post-processor as the file has it, in JSON.</summary>
    public string? PostProcessor { get; init; }

    /// <summary>How many tokens there are.</summary>
    public int Count => Bytes.Length;

    /// <summary>How a token is written in files.</summary>
    public string Spelling(int id) => Spellings?[id] ?? (Specials.TryGetValue(id, out SpecialToken? special)
        ? special.Text
        : Types[id] == TokenType.Unused ? Encoding.UTF8.GetString(Bytes[id]) : ByteAlphabet.Spell(Bytes[id]));

    /// <summary>Builds the encoder.</summary>
    public TextEncoder CreateEncoder()
    {
        int[]? ranks = Scores is null ? null : new int[Merges.Length];
        for (int i = 1; i < ranks?.Length; i++) ranks[i] = Scores![Merges[i].Result] == Scores[Merges[i - 1].Result] ? ranks[i - 1] : i;
        var merges = new MergeTable(Merges, ranks, FirstSymbol());
        return Kind == TokenizerKind.ByteLevel ? new ByteLevelEncoder(this, merges) : new SentencePieceEncoder(this, merges);
    }

    /// <summary>Where the bytes stand in a byte-level vocabulary, the characters in another: those of one letter.</summary>
    private int FirstSymbol()
    {
        for (int id = 0; id < Count; id++)
            if (Types[id] == TokenType.Normal && Bytes[id].Length == 1) return id;
        return 0;
    }
}
