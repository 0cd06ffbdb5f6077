using System.Buffers;
using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A BPE tokenizer, byte-level or as SentencePiece has it: any text becomes ids and comes back. Our own have the split pattern of
/// Qwen2 and Qwen3. It never changes after it is made, and any number of threads may use it at once.
/// </summary>
/// <remarks>
/// A lone surrogate, which has no UTF-8 form, is encoded as U+FFFD. A piece of text longer than 262,144 UTF-16 units without
/// anything to cut it, such as a line without spaces, is encoded in parts of that length. Another's tokenizer may change the text
/// before it encodes it, as its file says: into Unicode's form C, or U+2581 into a space.
/// </remarks>
public sealed partial class Tokenizer
{
    // An answer ends at these whatever the settings say: a model that was trained to end so goes astray after them.
    private static readonly string[] _endNames =
        [SpecialToken.MessageEnd, SpecialToken.EndOfText, "<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|end|>", "<end_of_turn>", "</s>"];

    private const int LargestScratch = 1 << 16;

    [ThreadStatic]
    private static List<int>? _scratch;

    private readonly byte[][] _tokens;
    private readonly Dictionary<string, int> _specialIds = [];
    private readonly SpecialToken?[] _specials;
    private readonly TextEncoder _encoder;
    private readonly SpecialTokenMatcher _matcher, _normalizedMatcher;

    /// <summary>Makes a tokenizer from what a file says, or from training.</summary>
    internal Tokenizer(TokenizerDefinition definition, TokenizerSettings? settings = null)
    {
        Definition = definition;
        _tokens = definition.Bytes;
        _specials = new SpecialToken?[_tokens.Length];
        foreach ((int id, SpecialToken special) in definition.Specials)
        {
            _specials[id] = special;
            _specialIds.Add(special.Text, id);
        }

        _encoder = definition.CreateEncoder();
        _matcher = new SpecialTokenMatcher(definition.Specials.Where(s => !s.Value.IsNormalized).Select(s => (s.Value.Text, s.Key, s.Value)));
        _normalizedMatcher = new SpecialTokenMatcher(definition.Specials.Where(s => s.Value.IsNormalized).Select(s => (_encoder.Normalize(s.Value.Text), s.Key, s.Value)));
        Settings = settings ?? new TokenizerSettings();
        StopTokens = [.. _endNames.Select(Id).OfType<int>().Concat(Settings.EndTokens).Where(id => (uint)id < (uint)_tokens.Length).Distinct()];
    }

    private Tokenizer(Tokenizer original, TokenizerSettings settings)
    {
        (Definition, _tokens, _specials, _specialIds) = (original.Definition, original._tokens, original._specials, original._specialIds);
        (_encoder, _matcher, _normalizedMatcher) = (original._encoder, original._matcher, original._normalizedMatcher);
        Settings = settings;
        StopTokens = [.. _endNames.Select(Id).OfType<int>().Concat(settings.EndTokens).Where(id => (uint)id < (uint)_tokens.Length).Distinct()];
    }

    /// <summary>How many tokens there are, bytes and special tokens counted; ids are 0 to this, exclusive.</summary>
    public int VocabularySize => _tokens.Length;

    /// <summary>
    /// The token that ends a document: <c>&lt;|endoftext|&gt;</c>, or what another's tokenizer has for it (<c>&lt;|end_of_text|&gt;</c>,
    /// <c>&lt;/s&gt;</c>, the first of <see cref="TokenizerSettings.EndTokens"/>).
    /// </summary>
    /// <exception cref="ReverieException">The tokenizer lacks it; so with the properties below.</exception>
    public int EndOfText => DocumentEnd ?? Required(SpecialToken.EndOfText);

    /// <summary>The id of <c>&lt;|im_start|&gt;</c>.</summary>
    public int MessageStart => Required(SpecialToken.MessageStart);

    /// <summary>The id of <c>&lt;|im_end|&gt;</c>.</summary>
    public int MessageEnd => Required(SpecialToken.MessageEnd);

    /// <summary>The id of <c>&lt;think&gt;</c>.</summary>
    public int ThinkStart => Required(SpecialToken.ThinkStart);

    /// <summary>The id of <c>&lt;/think&gt;</c>.</summary>
    public int ThinkEnd => Required(SpecialToken.ThinkEnd);

    /// <summary>The tokens at which an answer ends: those of the settings, and the ends of a message or a document by their usual names.</summary>
    public IReadOnlyList<int> StopTokens { get; }

    /// <summary>What a model wants of it beyond ids.</summary>
    public TokenizerSettings Settings { get; }

    /// <summary>The token that begins a text; null where there is none.</summary>
    public int? BeginOfText => Settings.BeginOfText ?? Definition.Begin;

    /// <summary>Whether the model was trained on texts that begin with <see cref="BeginOfText"/>. <see cref="Encode(string)"/> does not add it.</summary>
    public bool AddsBeginOfText => BeginOfText is not null && (Settings.AddsBeginOfText ?? Definition.Begin is not null);

    /// <summary>What stands before the first token of a text: <see cref="BeginOfText"/> where texts begin with it, else <see cref="EndOfText"/>, for one text follows another.</summary>
    /// <exception cref="ReverieException">The tokenizer has neither.</exception>
    public int TextStart => AddsBeginOfText ? BeginOfText!.Value : EndOfText;

    /// <summary>How the model is told a conversation.</summary>
    public ChatTemplate ChatTemplate => field ??= new ChatTemplate(this);

    /// <summary>Whether every id stands for the same in another tokenizer and text becomes the same ids.</summary>
    public bool IsSameAs(Tokenizer other) => Definition.Kind == other.Definition.Kind && VocabularySize == other.VocabularySize
        && Definition.Bytes.Zip(other.Definition.Bytes).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))
        && Definition.Types.AsSpan().SequenceEqual(other.Definition.Types) && Merges.AsSpan().SequenceEqual(other.Merges);

    internal TokenizerDefinition Definition { get; }

    internal BpeMerge[] Merges => Definition.Merges;

    /// <summary>The token that ends a document, or null.</summary>
    internal int? DocumentEnd => Id(SpecialToken.EndOfText) ?? Id("<|end_of_text|>") ?? Id("</s>") ?? (Settings.EndTokens.Count > 0 ? Settings.EndTokens[0] : null);

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

        return new Tokenizer(new TokenizerDefinition
        {
            Kind = TokenizerKind.ByteLevel,
            Bytes = [.. tokens],
            Types = [.. Enumerable.Range(0, tokens.Count).Select(id => !specialById.TryGetValue(id, out SpecialToken? special) ? TokenType.Normal : special.IsContent ? TokenType.UserDefined : TokenType.Control)],
            Specials = specialById,
            Merges = [.. merges],
        });
    }

    /// <summary>Encodes plain text. Special tokens written in it are letters like any others: a user cannot forge one.</summary>
    public int[] Encode(string text)
    {
        // Kept for the next call: most texts are short, and a list grows by copying.
        List<int> ids = _scratch ?? new List<int>(text.Length / 3);
        _scratch = null;
        Encode(text, ids);
        int[] result = [.. ids];
        ids.Clear();
        if (ids.Capacity <= LargestScratch) _scratch = ids;
        return result;
    }

    /// <summary>Encodes plain text as <see cref="Encode(string)"/> does and appends the ids.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Takes the ids.</param>
    /// <param name="isFirst">Whether it begins the whole text; some SentencePiece tokenizers put a space only there.</param>
    public void Encode(string text, List<int> destination, bool isFirst = true) => _encoder.Encode(_encoder.Normalize(text), isFirst, destination);

    /// <summary>Encodes plain text that begins a sequence: after <see cref="BeginOfText"/>, where the model wants it.</summary>
    public int[] EncodeDocument(string text)
    {
        List<int> ids = new((text.Length / 3) + 2);
        if (AddsBeginOfText) ids.Add(BeginOfText!.Value);
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>Encodes text in which special tokens, as they are written, stand for themselves. For trusted text only.</summary>
    public int[] EncodeWithSpecialTokens(string text)
    {
        List<int> ids = [];
        int done = 0;
        foreach ((int start, int end, int id) in _matcher.Find(text))
        {
            EncodeNormalized(_encoder.Normalize(text[done..start]), done == 0, ids);
            ids.Add(id);
            done = end;
        }

        EncodeNormalized(_encoder.Normalize(text[done..]), done == 0, ids);
        return [.. ids];
    }

    /// <summary>Encodes many plain texts over <paramref name="threads"/> threads; the order is kept.</summary>
    public int[][] EncodeAll(IReadOnlyList<string> texts, int threads)
    {
        var all = new int[texts.Count][];
        Parallel.For(0, texts.Count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, threads) }, i => all[i] = Encode(texts[i]));
        return all;
    }

    /// <summary>The text of <paramref name="ids"/>, without the space that a SentencePiece tokenizer puts before it. Bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Tokens.</param>
    /// <param name="skipSpecialTokens">
    /// Leaves out the special tokens that are not content, so that <c>&lt;|im_end|&gt;</c> goes and <c>&lt;think&gt;</c> stays.
    /// </param>
    /// <param name="isStart">Whether a text begins here; false keeps a first space, for ids that go on where others ended.</param>
    /// <exception cref="ReverieException">An id is not in the vocabulary.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecialTokens = false, bool isStart = true)
    {
        var bytes = new ArrayBufferWriter<byte>(Math.Max(16, ids.Length * 4));
        foreach (int id in ids)
        {
            if (skipSpecialTokens && IsSpecial(id) && !_specials[id]!.IsContent) continue;
            bytes.Write(Bytes(id));
        }

        ReadOnlySpan<byte> written = bytes.WrittenSpan;
        if (isStart && StartsWithSpace && written is [(byte)' ', ..]) written = written[1..];
        return Encoding.UTF8.GetString(written);
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

    private void EncodeNormalized(string text, bool isFirst, List<int> ids)
    {
        int done = 0;
        foreach ((int start, int end, int id) in _normalizedMatcher.Find(text))
        {
            _encoder.Encode(text.AsSpan(done, start - done), isFirst && done == 0, ids);
            ids.Add(id);
            done = end;
        }

        _encoder.Encode(text.AsSpan(done), isFirst && done == 0, ids);
    }

    private int Required(string special) => Id(special)
        ?? throw new ReverieException($"This tokenizer has no {special} token: train it with that special token, or load one that has it.");
}
