using System.Text;

namespace Reverie.Models;

/// <summary>
/// BPE as SentencePiece has it: U+2581 stands for a space, the symbols are characters, and a character that the vocabulary
/// lacks becomes its bytes (Kudo and Richardson, 2018, arXiv:1808.06226).
/// </summary>
internal sealed class SentencePieceEncoder : TextEncoder
{
    /// <summary>Stands for a space.</summary>
    public const char SpaceMark = '\u2581';

    private const int NeighbourBits = 18;

    private readonly TokenizerDefinition _definition;
    private readonly int[] _characters = new int[char.MaxValue + 1];
    private readonly Dictionary<Rune, int> _charactersBeyond = [];
    private readonly int[] _byteIds = new int[256];

    // By hash, the neighbours that stand together in some token: where two do not, no merge joins them, and a text can be cut.
    private readonly ulong[] _neighbours = new ulong[1 << (NeighbourBits - 6)];
    private readonly bool _cutsBetweenStrangers;

    /// <param name="definition">The tokenizer.</param>
    /// <param name="merges">Its merges.</param>
    public SentencePieceEncoder(TokenizerDefinition definition, MergeTable merges) : base(merges)
    {
        _definition = definition;
        Array.Fill(_characters, -1);
        Array.Fill(_byteIds, -1);
        for (int id = definition.Count - 1; id >= 0; id--)
        {
            string spelling = definition.Spellings![id];
            if (definition.Types[id] == TokenType.Byte) _byteIds[definition.Bytes[id][0]] = id;
            if (definition.Types[id] != TokenType.Normal) continue;
            if (spelling.Length == 1) _characters[spelling[0]] = id;
            else if (spelling.Length == 2 && char.IsSurrogatePair(spelling, 0)) _charactersBeyond[new Rune(spelling[0], spelling[1])] = id;
            for (int i = 1; i < spelling.Length; i++)
            {
                int neighbours = Neighbours(spelling[i - 1], spelling[i]);
                _neighbours[neighbours >> 6] |= 1UL << neighbours;
            }
        }

        // A run of characters that cannot be written is one token.
        _cutsBetweenStrangers = !definition.FusesUnknown || !_byteIds.Contains(-1);
    }

    public override string Normalize(string text)
    {
        if (text.Length == 0 || _definition.Spaces.MarksInPieces) return text;
        string marked = text.Replace(' ', SpaceMark);
        return _definition.Spaces.Prefix == SpacePrefix.Never ? marked : SpaceMark + marked;
    }

    public override void Encode(ReadOnlySpan<char> text, bool isFirst, List<int> destination)
    {
        if (_definition.Spaces.MarksInPieces && text.Length > 0)
        {
            SpacePrefix prefix = _definition.Spaces.Prefix;
            bool adds = (prefix == SpacePrefix.Always || (prefix == SpacePrefix.First && isFirst)) && text[0] is not (' ' or SpaceMark);
            char[] marked = new char[text.Length + (adds ? 1 : 0)];
            if (adds) marked[0] = SpaceMark;
            text.Replace(marked.AsSpan(adds ? 1 : 0), ' ', SpaceMark);
            text = marked;
        }

        for (int start = 0; start < text.Length;)
        {
            int end = PieceEnd(text, start);
            EncodePiece(text, start, end, destination);
            start = end;
        }
    }

    protected override int Symbols(ReadOnlySpan<char> piece, Span<int> symbols)
    {
        int count = 0;
        Span<byte> utf8 = stackalloc byte[4];
        for (int i = 0; i < piece.Length;)
        {
            Rune.DecodeFromUtf16(piece[i..], out Rune rune, out int width);
            i += width;
            int id = rune.IsBmp ? _characters[rune.Value] : _charactersBeyond.GetValueOrDefault(rune, -1);
            if (id >= 0)
            {
                symbols[count++] = id;
                continue;
            }

            int first = count;
            foreach (byte b in utf8[..rune.EncodeToUtf8(utf8)])
            {
                if (_byteIds[b] >= 0) symbols[count++] = _byteIds[b];
                else
                {
                    count = first;
                    if (_definition.Unknown is int unknown && !(_definition.FusesUnknown && count > 0 && symbols[count - 1] == unknown)) symbols[count++] = unknown;
                    break;
                }
            }
        }

        return count;
    }

    private int PieceEnd(ReadOnlySpan<char> text, int start)
    {
        for (int i = start + 1; i < text.Length; i++)
        {
            if (_cutsBetweenStrangers && !char.IsLowSurrogate(text[i]))
            {
                int neighbours = Neighbours(text[i - 1], text[i]);
                if ((_neighbours[neighbours >> 6] & (1UL << neighbours)) == 0) return i;
            }

            if (_definition.Spaces.CutsAtEach && text[i] == SpaceMark) return i;
        }

        return text.Length;
    }

    private static int Neighbours(char left, char right) => (int)((((uint)left << 16) | right) * 0x9E3779B1u >> (32 - NeighbourBits));
}
