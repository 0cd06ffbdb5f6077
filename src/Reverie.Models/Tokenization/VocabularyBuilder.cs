using System.Globalization;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Puts a tokenizer together from what a file says, whatever it says: what does not fit is one clear line.</summary>
/// <param name="kind">Bytes or characters.</param>
/// <param name="hasBytes">Whether tokens such as <c>&lt;0x0A&gt;</c> are bytes, SentencePiece alone.</param>
/// <param name="fault">Makes the exception that names the file.</param>
internal sealed class VocabularyBuilder(TokenizerKind kind, bool hasBytes, Func<string, ReverieException> fault)
{
    /// <summary>Merges by score look at every way to cut a token in two: this bounds the time.</summary>
    private const int LongestScored = 512;

    private readonly Dictionary<int, Entry> _tokens = [];
    private readonly Dictionary<int, SpecialToken> _specials = [];
    private readonly HashSet<string> _specialTexts = [];
    private readonly Dictionary<string, int> _ids = [];
    private readonly List<BpeMerge> _merges = [];
    private readonly HashSet<(int, int)> _pairs = [];

    /// <summary>Adds a special token.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="special">Its text and how it is found.</param>
    /// <param name="isUnknown">Whether it stands for what cannot be written.</param>
    public void AddSpecial(int id, SpecialToken special, bool isUnknown = false)
    {
        if (special.Text.Length == 0 || !_specialTexts.Add(special.Text)) throw fault($"the added token {Show(special.Text)} is empty or there twice");
        if (!_specials.TryAdd(id, special)) throw fault($"the id {id} is there twice");
        TokenType type = isUnknown ? TokenType.Unknown : special.IsContent ? TokenType.UserDefined : TokenType.Control;
        Add(id, new Entry(special.Text, Encoding.UTF8.GetBytes(special.Text), type));
    }

    /// <summary>Adds a token that is text, a byte or unused, as files spell it. One that is a special token already is passed over.</summary>
    public void Add(int id, string spelling, bool isUnused = false)
    {
        // Some files list the special tokens here as well.
        if (_specials.TryGetValue(id, out SpecialToken? special) && special.Text == spelling) return;
        if (isUnused)
        {
            Add(id, new Entry(spelling, Encoding.UTF8.GetBytes(spelling), TokenType.Unused));
            return;
        }

        if (spelling.Length == 0) throw fault($"the token {id} is empty");
        if (hasBytes && TryReadByte(spelling, out byte value))
        {
            Add(id, new Entry(spelling, [value], TokenType.Byte));
            return;
        }

        byte[] bytes;
        if (kind == TokenizerKind.SentencePiece) bytes = Encoding.UTF8.GetBytes(spelling.Replace(SentencePieceEncoder.SpaceMark, ' '));
        else if (!ByteAlphabet.TryRead(spelling, out bytes)) throw fault($"the token {Show(spelling)} is not in the byte alphabet");
        Add(id, new Entry(spelling, bytes, TokenType.Normal));
        if (!_ids.TryAdd(spelling, id)) throw fault($"the token {Show(spelling)} is there twice");
    }

    /// <summary>Adds the next merge. One of special tokens, which no text can reach, is left out.</summary>
    public void AddMerge(string left, string right, int index)
    {
        if (_ids.TryGetValue(left, out int leftId) && _ids.TryGetValue(right, out int rightId) && _ids.TryGetValue(left + right, out int result))
        {
            if (!_pairs.Add((leftId, rightId))) throw fault($"merge {index} of {Show(left)} and {Show(right)} is there twice");
            _merges.Add(new BpeMerge(leftId, rightId, result));
        }
        else if (!IsKnown(left) || !IsKnown(right) || !IsKnown(left + right))
        {
            throw fault($"merge {index} joins {Show(left)} and {Show(right)}, but these and their result are not all in the vocabulary");
        }
    }

    /// <summary>
    /// Adds the merges that scores stand for: any two neighbours whose text is a token, highest score first. In the order of Hugging
    /// Face's converter, which is the same but where one token comes about in two ways at once.
    /// </summary>
    /// <param name="scores">Of each token.</param>
    public void AddMergesByScore(IReadOnlyList<float> scores)
    {
        Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> ids = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        List<(float Score, int Left, int Right, BpeMerge Merge)> found = [];
        foreach ((string text, int id) in _ids)
        {
            if (text.Length > LongestScored) throw fault($"the token {Show(text)} has more than {LongestScored} characters");
            if (!float.IsFinite(scores[id])) throw fault($"the token {Show(text)} has a score that is no number");
            for (int cut = 1; cut < text.Length; cut++)
            {
                if (ids.TryGetValue(text.AsSpan(0, cut), out int left) && ids.TryGetValue(text.AsSpan(cut), out int right))
                    found.Add((scores[id], cut, text.Length - cut, new BpeMerge(left, right, id)));
            }
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
        var tokens = new Entry[_tokens.Count];
        for (int id = 0; id < tokens.Length; id++)
            tokens[id] = _tokens.TryGetValue(id, out Entry? token) ? token : throw fault($"it has {tokens.Length} tokens but none with the id {id}");
        if (tokens.Length == 0) throw fault("it has no tokens");
        int? unknown = tokens.Index().Where(t => t.Item.Type == TokenType.Unknown).Select(t => (int?)t.Index).FirstOrDefault();
        return new TokenizerDefinition
        {
            Kind = kind,
            Bytes = [.. tokens.Select(t => t.Bytes)],
            Types = [.. tokens.Select(t => t.Type)],
            Spellings = kind == TokenizerKind.SentencePiece ? [.. tokens.Select(t => t.Spelling)] : null,
            Specials = _specials,
            Merges = [.. _merges],
            Unknown = unknown,
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

    private void Add(int id, Entry entry)
    {
        if (id < 0 || !_tokens.TryAdd(id, entry)) throw fault($"the id {id} is there twice");
    }

    private bool IsKnown(string spelling) => _ids.ContainsKey(spelling) || _specialTexts.Contains(spelling);

    private sealed record Entry(string Spelling, byte[] Bytes, TokenType Type);
}
