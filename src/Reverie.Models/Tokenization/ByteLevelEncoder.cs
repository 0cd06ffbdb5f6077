using System.Text;

namespace Reverie.Models;

/// <summary>Byte-level BPE: the symbols are the bytes of UTF-8.</summary>
internal sealed class ByteLevelEncoder : TextEncoder
{
    /// <summary>In UTF-16 units; the longest tokens that there are, such as Llama 3's runs of spaces, have 128.</summary>
    private const int LongestWholePiece = 512;

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

        _wholePieces = definition.WholePieces?.GetAlternateLookup<ReadOnlySpan<char>>();
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

    protected override int WholePiece(ReadOnlySpan<char> piece)
    {
        if (_wholePieces is not { } known || piece.Length > LongestWholePiece) return -1;
        Span<byte> bytes = stackalloc byte[LongestWholePiece * 3];
        bytes = bytes[..Encoding.UTF8.GetBytes(piece, bytes)];
        Span<char> spelling = stackalloc char[bytes.Length];
        for (int i = 0; i < bytes.Length; i++) spelling[i] = ByteAlphabet.Spell(bytes[i]);
        return known.TryGetValue(spelling, out int id) ? id : -1;
    }

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
