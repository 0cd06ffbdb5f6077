using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Puts a tokenizer together from what a file says, whatever it says: what does not fit is one clear line.</summary>
/// <remarks>Its hot methods are compiled well at once: they run over a hundred thousand tokens before the runtime would get to it, and a model waits for them.</remarks>
internal sealed class VocabularyBuilder
{
    /// <summary>Merges by score look at every way to cut a token in two: this bounds the time.</summary>
    private const int LongestScored = 512;

    private const TokenType None = 0;

    private readonly TokenizerKind _kind;
    private readonly bool _hasBytes;
    private readonly Func<string, ReverieException> _fault;
    private readonly Dictionary<int, SpecialToken> _specials = [];
    private readonly HashSet<string> _specialTexts = [];
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly List<BpeMerge> _merges = [];
    private byte[][] _bytes;
    private string[] _spellings;
    private TokenType[] _types;
    private int _count, _end;

    /// <param name="kind">Bytes or characters.</param>
    /// <param name="hasBytes">Whether tokens such as <c>&lt;0x0A&gt;</c> are bytes, SentencePiece alone.</param>
    /// <param name="fault">Makes the exception that names the file.</param>
    /// <param name="expected">About how many tokens there will be.</param>
    public VocabularyBuilder(TokenizerKind kind, bool hasBytes, Func<string, ReverieException> fault, int expected)
    {
        (_kind, _hasBytes, _fault) = (kind, hasBytes, fault);
        expected = Math.Clamp(expected, 1, MergeTable.MaximumId);
        _ids = new Dictionary<string, int>(expected);
        _lookup = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        (_bytes, _spellings, _types) = (new byte[expected][], new string[expected], new TokenType[expected]);
    }

    /// <summary>The tokens that are text, by how files spell them.</summary>
    public Dictionary<string, int> Ids => _ids;

    /// <summary>Adds a special token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="special">Its text and how it is found.</param>
    /// <param name="isUnknown">Whether it stands for what cannot be written.</param>
    public void AddSpecial(int id, SpecialToken special, bool isUnknown = false)
    {
        if (special.Text.Length == 0 || !_specialTexts.Add(special.Text)) throw _fault($"the added token {Show(special.Text)} is empty or there twice");
        if (!_specials.TryAdd(id, special)) throw _fault($"the id {id} is there twice");
        TokenType type = isUnknown ? TokenType.Unknown : special.IsContent ? TokenType.UserDefined : TokenType.Control;
        Put(id, special.Text, Encoding.UTF8.GetBytes(special.Text), type);
    }

    /// <summary>Adds a token that is text, a byte or unused, as files spell it. One that is a special token already is passed over.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(int id, string spelling, bool isUnused = false)
    {
        // Some files list the special tokens here as well.
        if (_specials.TryGetValue(id, out SpecialToken? special) && special.Text == spelling) return;
        if (isUnused)
        {
            Put(id, spelling, Encoding.UTF8.GetBytes(spelling), TokenType.Unused);
            return;
        }

        if (spelling.Length == 0) throw _fault($"the token {id} is empty");
        if (_hasBytes && TryReadByte(spelling, out byte value))
        {
            Put(id, spelling, [value], TokenType.Byte);
            return;
        }

        byte[] bytes;
        if (_kind == TokenizerKind.SentencePiece) bytes = Encoding.UTF8.GetBytes(spelling.Replace(SentencePieceEncoder.SpaceMark, ' '));
        else if (!ByteAlphabet.TryRead(spelling, out bytes)) throw _fault($"the token {Show(spelling)} is not in the byte alphabet");
        Put(id, spelling, bytes, TokenType.Normal);
        if (!_ids.TryAdd(spelling, id)) throw _fault($"the token {Show(spelling)} is there twice");
    }

    /// <summary>Adds the next merge. One of special tokens, which no text can reach, is left out.</summary>
    /// <param name="whole">Both tokens, one after the other.</param>
    /// <param name="cut">Where the second begins.</param>
    /// <param name="index">Of the merge, for messages.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddMerge(ReadOnlySpan<char> whole, int cut, int index)
    {
        ReadOnlySpan<char> left = whole[..cut], right = whole[cut..];
        if (_lookup.TryGetValue(left, out int leftId) && _lookup.TryGetValue(right, out int rightId) && _lookup.TryGetValue(whole, out int result))
            _merges.Add(new BpeMerge(leftId, rightId, result));
        else if (!IsKnown(left) || !IsKnown(right) || !IsKnown(whole))
            throw _fault($"merge {index} joins {Show(left.ToString())} and {Show(right.ToString())}, but these and their result are not all in the vocabulary");
    }

    /// <summary>
    /// Adds the merges that scores stand for: any two neighbours whose text is a token, highest score first. In the order of Hugging
    /// Face's converter, which is the same but where one token comes about in two ways at once.
    /// </summary>
    /// <param name="scores">Of each token.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void AddMergesByScore(IReadOnlyList<float> scores)
    {
        List<(float Score, int Left, int Right, BpeMerge Merge)> found = [];
        foreach ((string text, int id) in _ids)
        {
            if (text.Length > LongestScored) throw _fault($"the token {Show(text)} has more than {LongestScored} characters");
            if (!float.IsFinite(scores[id])) throw _fault($"the token {Show(text)} has a score that is no number");
            for (int cut = 1; cut < text.Length; cut++)
            {
                if (_lookup.TryGetValue(text.AsSpan(0, cut), out int left) && _lookup.TryGetValue(text.AsSpan(cut), out int right))
                    found.Add((scores[id], cut, text.Length - cut, new BpeMerge(left, right, id)));
            }

            if (found.Count >= MergeTable.MaximumMerges) throw _fault($"its scores stand for {found.Count} merges, more than any vocabulary has");
        }

        _merges.AddRange(found.OrderByDescending(m => m.Score).ThenByDescending(m => m.Left).ThenByDescending(m => m.Right).ThenBy(m => m.Merge.Result).Select(m => m.Merge));
    }

    /// <summary>The id of a token as it is spelled, special or not.</summary>
    public int? Find(string spelling)
    {
        if (_ids.TryGetValue(spelling, out int id)) return id;
        foreach ((int special, SpecialToken token) in _specials)
            if (token.Text == spelling) return special;
        return null;
    }

    /// <summary>The whole; the settings of the pipeline are the caller's to add.</summary>
    public TokenizerDefinition Build()
    {
        if (_count == 0) throw _fault("it has no tokens");
        int hole = Array.IndexOf(_types, None, 0, _end);
        if (hole >= 0) throw _fault($"it has {_count} tokens but none with the id {hole}");
        if (_merges.Count >= MergeTable.MaximumMerges) throw _fault($"it has {_merges.Count} merges, more than any vocabulary");
        BpeMerge[] merges = [.. _merges];
        CheckDistinct(merges);
        int unknown = Array.IndexOf(_types, TokenType.Unknown, 0, _end);
        return new TokenizerDefinition
        {
            Kind = _kind,
            Bytes = _bytes[.._end],
            Types = _types[.._end],
            Spellings = _kind == TokenizerKind.SentencePiece ? _spellings[.._end] : null,
            Specials = _specials,
            Merges = merges,
            Unknown = unknown < 0 ? null : unknown,
        };
    }

    /// <summary>A text of a file, short and in visible characters.</summary>
    public static string Show(string text) =>
        $"\"{System.Text.Encodings.Web.JavaScriptEncoder.Default.Encode(text.Length > 40 ? text[..40] + "..." : text)}\"";

    private static bool TryReadByte(string spelling, out byte value)
    {
        value = 0;
        return spelling.Length == 6 && spelling.StartsWith("<0x", StringComparison.Ordinal) && spelling[5] == '>'
            && byte.TryParse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    private void Put(int id, string spelling, byte[] bytes, TokenType type)
    {
        if (id is < 0 or >= MergeTable.MaximumId) throw _fault($"the id {id} of {Show(spelling)} is beyond any vocabulary");
        if (id >= _types.Length)
        {
            int length = Math.Min(MergeTable.MaximumId, Math.Max(id + 1, 2 * _types.Length));
            Array.Resize(ref _bytes, length);
            Array.Resize(ref _spellings, length);
            Array.Resize(ref _types, length);
        }

        if (_types[id] != None) throw _fault($"the id {id} is there twice");
        (_bytes[id], _spellings[id], _types[id]) = (bytes, spelling, type);
        _count++;
        _end = Math.Max(_end, id + 1);
    }

    private void CheckDistinct(BpeMerge[] merges)
    {
        long[] pairs = [.. merges.Select(m => ((long)m.Left << 32) | (uint)m.Right)];
        Array.Sort(pairs);
        for (int i = 1; i < pairs.Length; i++)
        {
            if (pairs[i] != pairs[i - 1]) continue;
            int left = (int)(pairs[i] >> 32), right = (int)pairs[i];
            int index = Array.FindLastIndex(merges, m => m.Left == left && m.Right == right);
            throw _fault($"merge {index} of {Show(_spellings[left])} and {Show(_spellings[right])} is there twice");
        }
    }

    private bool IsKnown(ReadOnlySpan<char> spelling) => _lookup.ContainsKey(spelling) || _specialTexts.Contains(spelling.ToString());
}
