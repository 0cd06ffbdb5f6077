using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A <see cref="Grammar"/> for the tokens of a tokenizer: a constraint for any number of requests, which share what was found out about
/// its states. Any token is allowed whose bytes the grammar can read from here on, however they are cut, so a character may
/// begin in one token and end in the next. From all that is allowed a complete text can be reached. Keys of JSON objects do not come twice.
/// </summary>
/// <remarks>
/// The tokens of a state are found by a walk over the trie of the vocabulary, first with all deeper levels of the grammar unknown: what
/// fits there fits in any context, and is found once (as XGrammar does, arXiv 2411.15100). The tokens that leave the level are then
/// tried in their context. Thread-safe.
/// </remarks>
public sealed class TokenGrammar
{
    /// <summary>Masks take at most so many bytes of memory; then they are found anew.</summary>
    public const int MaximumMaskBytes = 32 << 20;

    /// <summary>
    /// Finding the tokens of a state may follow so many ways of reading them; what is not found by then is not allowed, except in single bytes.
    /// Only grammars of extreme ambiguity need more.
    /// </summary>
    public const long MaximumWork = 20_000_000;

    // Counts of repetitions that are further than this from their bounds are alike to all but long tokens.
    private const int Window = 16;

    // With more items than this a state is taken whole: most would go the same ways.
    private const int WideState = 32;

    private readonly Lock _gate = new();
    private readonly TokenTrie _trie;
    private readonly Tokenizer _tokenizer;
    private readonly GrammarAutomaton _automaton;
    private readonly Recognizer _recognizer;
    private readonly RecognizerState[] _walk;
    private readonly bool[] _left;
    private readonly ulong[] _bits;
    private readonly List<int> _dependent = [];
    private long _work;
    private int _maskBytes, _forgotten;

    /// <summary>Compiles a grammar for a tokenizer. Where that puts a space before a text, the model may begin with one too.</summary>
    /// <exception cref="ReverieException">The grammar is too large for its limits, it names a token that ends replies, or no token can begin it.</exception>
    public TokenGrammar(Grammar grammar, Tokenizer tokenizer)
    {
        (_tokenizer, _trie) = (tokenizer, TokenTrie.Of(tokenizer));
        _automaton = new GrammarAutomaton(grammar, TagId, _trie.IsWritable, tokenizer.StartsWithSpace);
        _recognizer = new Recognizer(_automaton);
        _walk = new RecognizerState[_trie.Depth + 1];
        _left = new bool[_trie.Depth + 1];
        _bits = new ulong[(_trie.VocabularySize + 63) / 64];
        MaskOf(_recognizer.Start);
        if (!_bits.AsSpan().ContainsAnyExcept(0UL) && !_recognizer.Start.IsAccepting)
            throw new ReverieException($"No token of this model can begin what the grammar allows, or it could go on in more than {Recognizer.MaximumWays} ways. Make the grammar smaller.");
    }

    /// <summary>For tests, less than <see cref="MaximumWork"/>.</summary>
    internal long WorkLimit { get; init; } = MaximumWork;

    /// <summary>The constraint of a new reply.</summary>
    public ITokenConstraint Begin() => new Reply(this);

    private int? TagId(string text)
    {
        if (_tokenizer.Id(text) is not { } id) return null;
        return _tokenizer.StopTokens.Contains(id)
            ? throw new ReverieException($"The grammar names {text}, which ends a reply of this model. Leave it out: a reply may end wherever the grammar is complete.")
            : id;
    }

    private TokenMask MaskOf(RecognizerState state)
    {
        if (state.Mask is { } known) return known;
        if (_maskBytes > MaximumMaskBytes) _recognizer.Forget();
        Array.Clear(_bits);
        _work = 0;
        bool isWide = state.Items.Length > WideState;
        foreach (GrammarItem item in state.Items)
        {
            GrammarPosition position = _automaton.Positions[item.Position];
            if (position.Kind == PositionKind.Tag) Set(position.Target);
            else if (!isWide) AddTokens(state, item);
        }

        if (isWide) Walk(state, int.MaxValue);
        if (_work > WorkLimit) AddBytes(state);
        state.Mask = new TokenMask(_bits);
        Count(state.Mask.Bytes);
        return state.Mask;
    }

    private void Count(int bytes)
    {
        if (_forgotten != _recognizer.Forgotten) (_forgotten, _maskBytes) = (_recognizer.Forgotten, 0);
        _maskBytes += bytes;
    }

    /// <summary>Adds the tokens that one item allows, and perhaps some that others do.</summary>
    private void AddTokens(RecognizerState state, GrammarItem item)
    {
        RecognizerState start = _recognizer.Localize(item, Window, out bool isMoved);
        if (start.Local is null)
        {
            ulong[] all = [.. _bits];
            long work = _work;
            Array.Clear(_bits);
            _work = 0;
            Walk(start, isMoved ? Window : int.MaxValue);
            start.Local = new LocalTokens(new TokenMask(_bits), [.. _dependent], _work);
            Count(start.Local.Allowed.Bytes + (start.Local.Dependent.Length * sizeof(int)));
            all.CopyTo(_bits, 0);
            _work = work;
        }

        LocalTokens local = start.Local;
        _work += local.Work;
        local.Allowed.AddTo(_bits);
        Try(state, local.Dependent);
    }

    /// <summary>Adds the tokens that a state allows whatever is unknown of it, and lists those on which the unknown decides. Of tokens above a length it always does.</summary>
    private void Walk(RecognizerState start, int longest)
    {
        _dependent.Clear();
        _walk[0] = start;
        _left[0] = false;
        int[] tokens = _trie.Tokens, first = _trie.FirstTokens, skips = _trie.Skips, depths = _trie.Depths;
        byte[] values = _trie.Values, classes = _automaton.Classes;
        for (int node = 0; node < values.Length && _work <= WorkLimit;)
        {
            int depth = depths[node];
            RecognizerState from = _walk[depth];
            RecognizerState next = from.Next?[classes[values[node]]] ?? _recognizer.Next(from, values[node]);
            if (ReferenceEquals(next, RecognizerState.Dead) || depth >= longest)
            {
                // All that begins so.
                int skip = skips[node];
                if (_left[depth] || depth >= longest)
                    for (int token = first[node]; token < first[skip]; token++) _dependent.Add(token);
                node = skip;
                continue;
            }

            _work += next.Items.Length;
            _walk[depth + 1] = next;
            _left[depth + 1] = _left[depth] || next.ReachesUnknown;
            for (int token = first[node]; token < first[node + 1]; token++) Set(tokens[token]);
            node++;
        }
    }

    /// <summary>Adds those of the tokens that fit.</summary>
    private void Try(RecognizerState state, int[] tokens)
    {
        _walk[0] = state;
        ReadOnlySpan<byte> before = [];
        int reached = 0;
        foreach (int token in tokens)
        {
            if (_work > WorkLimit) return;
            int id = _trie.Tokens[token];
            ReadOnlySpan<byte> bytes = _tokenizer.Bytes(id);
            int common = bytes.CommonPrefixLength(before);
            before = bytes;
            if (common > reached) continue;
            for (reached = common; reached < bytes.Length; reached++)
            {
                RecognizerState next = _recognizer.Next(_walk[reached], bytes[reached]);
                if (ReferenceEquals(next, RecognizerState.Dead)) break;
                _walk[reached + 1] = next;
                _work += next.Items.Length;
            }

            if (reached == bytes.Length) Set(id);
        }
    }

    /// <summary>Adds the tokens of one byte that fit: with them alone all can be written.</summary>
    private void AddBytes(RecognizerState state)
    {
        for (int token = 0; token < _trie.Tokens.Length; token++)
            if (_trie.Lengths[token] == 1 && !_recognizer.Next(state, _tokenizer.Bytes(_trie.Tokens[token])[0]).IsDead) Set(_trie.Tokens[token]);
    }

    private void Set(int token) => _bits[token >> 6] |= 1UL << token;

    private bool IsFree(RecognizerState state) => Array.Exists(state.Items, i => _automaton.IsFreeText[i.Position]);

    private sealed class Reply(TokenGrammar grammar) : ITokenConstraint
    {
        private readonly JsonKeys? _keys = grammar._automaton.HasFreeKeys ? new JsonKeys() : null;
        private RecognizerState _state = grammar._recognizer.Start;

        public bool MayEnd => _state.IsAccepting;

        public void Allow(Span<ulong> allowed)
        {
            TokenMask mask;
            lock (grammar._gate) mask = grammar.MaskOf(_state);
            mask.CopyTo(allowed);
            if (_keys is not null && !grammar.IsFree(_state)) _keys.Forbid(allowed, grammar._trie, grammar._tokenizer);
        }

        public void Accept(int token)
        {
            RecognizerState state = _state;
            if (grammar._tokenizer.IsSpecial(token) && !TokenTrie.IsText(grammar._tokenizer, token))
            {
                lock (grammar._gate) state = grammar._recognizer.NextTag(state, token);
                if (!state.IsDead) _keys?.Clear();
            }
            else
            {
                ReadOnlySpan<byte> bytes = grammar._tokenizer.Bytes(token);
                lock (grammar._gate)
                {
                    foreach (byte value in bytes) state = grammar._recognizer.Next(state, value);
                }

                if (!state.IsDead && _keys is not null) Read(bytes);
            }

            _state = state.IsDead ? throw new ReverieException($"Token {token} does not fit the grammar here. Accept only tokens that it allows.") : state;
        }

        /// <summary>Follows the keys; free text has none.</summary>
        private void Read(ReadOnlySpan<byte> bytes)
        {
            RecognizerState state = _state;
            foreach (byte value in bytes)
            {
                if (grammar.IsFree(state)) _keys!.Clear();
                else _keys!.Append(value);
                lock (grammar._gate) state = grammar._recognizer.Next(state, value);
            }
        }
    }
}
