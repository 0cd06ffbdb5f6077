using System.Buffers;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A byte-level BPE tokenizer with the split pattern of Qwen2 and Qwen3: any text becomes ids and comes back byte for byte.
/// It never changes after it is made, and any number of threads may use it at once.
/// </summary>
/// <remarks>
/// A lone surrogate, which has no UTF-8 form, is encoded as U+FFFD. A piece of text longer than 262,144 UTF-16 units without
/// anything to cut it, such as a line without spaces, is encoded in parts of that length.
/// </remarks>
public sealed class Tokenizer
{
    private readonly byte[][] _tokens;
    private readonly Dictionary<string, int> _specialIds = [];
    private readonly SpecialToken?[] _specials;
    private readonly SearchValues<string> _specialTexts;
    private readonly BpeEncoder _encoder;

    /// <summary>Makes a tokenizer from the bytes of all tokens, the special ones by id, and the merges in order.</summary>
    internal Tokenizer(byte[][] tokens, BpeMerge[] merges, IReadOnlyDictionary<int, SpecialToken> specials)
    {
        _tokens = tokens;
        Merges = merges;
        _specials = new SpecialToken?[tokens.Length];
        foreach ((int id, SpecialToken special) in specials)
        {
            _specials[id] = special;
            _specialIds.Add(special.Text, id);
        }

        _specialTexts = SearchValues.Create([.. _specialIds.Keys], StringComparison.Ordinal);
        _encoder = new BpeEncoder(tokens, merges, id => _specials[id] is not null);
    }

    /// <summary>How many tokens there are, bytes and special tokens counted; ids are 0 to this, exclusive.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>The id of <c>&lt;|endoftext|&gt;</c>.</summary>
    /// <exception cref="ReverieException">The tokenizer lacks it; so with the properties below.</exception>
    public int EndOfText => Required(SpecialToken.EndOfText);

    /// <summary>The id of <c>&lt;|im_start|&gt;</c>.</summary>
    public int MessageStart => Required(SpecialToken.MessageStart);

    /// <summary>The id of <c>&lt;|im_end|&gt;</c>.</summary>
    public int MessageEnd => Required(SpecialToken.MessageEnd);

    /// <summary>The id of <c>&lt;think&gt;</c>.</summary>
    public int ThinkStart => Required(SpecialToken.ThinkStart);

    /// <summary>The id of <c>&lt;/think&gt;</c>.</summary>
    public int ThinkEnd => Required(SpecialToken.ThinkEnd);

    internal BpeMerge[] Merges { get; }

    /// <summary>
    /// Learns a vocabulary from <paramref name="texts"/>, which are read once, as a stream. The same texts give the same tokenizer
    /// at any number of threads.
    /// </summary>
    /// <param name="texts">The texts. No piece of a word goes over from one to the next.</param>
    /// <param name="vocabularySize">Tokens in all: 256 bytes, the learned ones, then the special ones. Fewer when the text is too small.</param>
    /// <param name="options">Special tokens, limits and threads.</param>
    /// <param name="cancel">Stops the training.</param>
    /// <exception cref="ReverieException">The vocabulary has no room for the bytes and the special tokens, or a special token is empty or there twice.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancel"/> was set.</exception>
    public static Tokenizer Train(
        IEnumerable<string> texts, int vocabularySize, TokenizerTrainingOptions? options = null, CancellationToken cancel = default)
    {
        options ??= new TokenizerTrainingOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaximumPieceLength, 2);
        IReadOnlyList<SpecialToken> specials = options.SpecialTokens;
        if (vocabularySize < 256 + specials.Count)
            throw new ReverieException($"A vocabulary of {vocabularySize} tokens is too small: 256 bytes and {specials.Count} special tokens need {256 + specials.Count}. Ask for more.");
        if (specials.Any(s => s.Text.Length == 0) || specials.DistinctBy(s => s.Text).Count() < specials.Count)
            throw new ReverieException("A special token is empty or named twice: give each its own text.");

        Dictionary<string, long> words = new WordCounter(options).Count(texts, cancel);
        (List<byte[]> tokens, List<BpeMerge> merges) =
            BpeTrainer.Learn(words, vocabularySize - specials.Count, options.MinimumCount, cancel);
        Dictionary<int, SpecialToken> specialById = [];
        foreach (SpecialToken special in specials)
        {
            specialById.Add(tokens.Count, special);
            tokens.Add(Encoding.UTF8.GetBytes(special.Text));
        }

        return new Tokenizer([.. tokens], [.. merges], specialById);
    }

    /// <summary>Reads a Hugging Face <c>tokenizer.json</c>: ours, or another byte-level BPE with Qwen2's split pattern.</summary>
    /// <exception cref="ReverieException">The file cannot be read, is damaged, or asks for what this tokenizer does not do.</exception>
    public static Tokenizer Load(string path) => TokenizerFile.Read(path);

    /// <summary>Writes a Hugging Face <c>tokenizer.json</c>, atomically.</summary>
    /// <exception cref="ReverieException">The file cannot be written; the old one is untouched.</exception>
    public void Save(string path) => TokenizerFile.Write(this, path);

    /// <summary>Encodes plain text. Special tokens written in it are letters like any others: a user cannot forge one.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = new((text.Length / 3) + 1);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Encodes plain text as <see cref="Encode(string)"/> does and appends the ids.</summary>
    public void Encode(string text, List<int> destination) => _encoder.Encode(text, destination);

    /// <summary>Encodes text in which special tokens, as they are written, stand for themselves. For trusted text only.</summary>
    public int[] EncodeWithSpecialTokens(string text)
    {
        List<int> ids = [];
        int start = 0;
        while (start < text.Length)
        {
            int found = text.AsSpan(start).IndexOfAny(_specialTexts);
            if (found < 0) break;
            Encode(text.Substring(start, found), ids);
            start += found;
            string special = _specialIds.Keys.Where(s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0).MaxBy(s => s.Length)!;
            ids.Add(_specialIds[special]);
            start += special.Length;
        }

        Encode(text[start..], ids);
        return [.. ids];
    }

    /// <summary>Encodes many plain texts over <paramref name="threads"/> threads; the order is kept.</summary>
    public int[][] EncodeAll(IReadOnlyList<string> texts, int threads)
    {
        var all = new int[texts.Count][];
        Parallel.For(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, i => all[i] = Encode(texts[i]));
        return all;
    }

    /// <summary>The text of <paramref name="ids"/>. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Tokens.</param>
    /// <param name="skipSpecialTokens">
    /// Leaves out the special tokens that are not content, so that <c>&lt;|im_end|&gt;</c> goes and <c>&lt;think&gt;</c> stays.
    /// </param>
    /// <exception cref="ReverieException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            if (skipSpecialTokens && IsSpecial(id) && !_specials[id]!.IsContent) continue;
            bytes.Write(Bytes(id));
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <summary>The bytes that token <paramref name="id"/> stands for; of a special token, its text in UTF-8.</summary>
    /// <exception cref="ReverieException">The id is not in the vocabulary.</exception>
    public ReadOnlySpan<byte> Bytes(int id) => (uint)id < (uint)_tokens.Length
        ? _tokens[id]
        : throw new ReverieException($"Token {id} is not in this vocabulary of {_tokens.Length}: the tokens come from another tokenizer.");

    /// <summary>Whether <paramref name="id"/> is a special token, content or not. False for an id that is not in the vocabulary.</summary>
    public bool IsSpecial(int id) => Special(id) is not null;

    /// <summary>The special token with this id, or null.</summary>
    public SpecialToken? Special(int id) => (uint)id < (uint)_specials.Length ? _specials[id] : null;

    /// <summary>The id of a special token by its text, or null when the tokenizer lacks it.</summary>
    public int? Id(string specialToken) => _specialIds.TryGetValue(specialToken, out int id) ? id : null;

    private int Required(string special) => Id(special)
        ?? throw new ReverieException($"This tokenizer has no {special} token: train it with that special token, or load one that has it.");
}
