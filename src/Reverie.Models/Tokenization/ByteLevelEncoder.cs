using System.Text;

namespace Reverie.Models;

/// <summary>Byte-level BPE: the symbols are the bytes of UTF-8.</summary>
internal sealed class ByteLevelEncoder : TextEncoder
{
    private readonly SplitPattern _pattern;
    private readonly bool _composes;
    private readonly int[] _byteIds = new int[256];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholePieces;

    /// <param name="definition">The tokenizer.</param>
    /// <param name="merges">Its merges.</param>
    public ByteLevelEncoder(TokenizerDefinition definition, MergeTable merges) : base(merges)
    {
        _pattern = definition.Pattern;
        _composes = definition.ComposesUnicode;
        Array.Fill(_byteIds, -1);
        for (int id = definition.Count - 1; id >= 0; id--)
        {
            if (definition.Types[id] == TokenType.Normal && definition.Bytes[id] is [byte b]) _byteIds[b] = id;
        }

        if (!definition.TakesWholePieces) return;
        Dictionary<string, int> wholePieces = [];
        for (int id = 0; id < definition.Count; id++)
        {
            byte[] bytes = definition.Bytes[id];
            if (definition.Types[id] == TokenType.Normal && System.Text.Unicode.Utf8.IsValid(bytes)) wholePieces.TryAdd(Encoding.UTF8.GetString(bytes), id);
        }

        _wholePieces = wholePieces.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    public override string Normalize(string text) => _composes ? CanonicalComposition.Of(text) : text;

    public override void Encode(ReadOnlySpan<char> text, bool isFirst, List<int> destination)
    {
        for (int start = 0; start < text.Length;)
        {
            int end = _pattern.PieceEnd(text, start);
            EncodePiece(text, start, end, destination);
            start = end;
        }
    }

    protected override int WholePiece(ReadOnlySpan<char> piece) =>
        _wholePieces is { } known && known.TryGetValue(piece, out int id) ? id : -1;

    protected override int Symbols(ReadOnlySpan<char> piece, Span<int> symbols)
    {
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < piece.Length;)
        {
            if (piece[i] < 0x80)
            {
                Add(piece[i++], symbols);
                continue;
            }

            Rune.DecodeFromUtf16(piece[i..], out Rune rune, out int width);
            i += width;
            foreach (byte b in utf8[..rune.EncodeToUtf8(utf8)]) Add(b, symbols);
        }

        return count;

        // A byte without a token is left out, as Hugging Face leaves it out.
        void Add(int value, Span<int> to)
        {
            if (_byteIds[value] >= 0) to[count++] = _byteIds[value];
        }
    }
}
