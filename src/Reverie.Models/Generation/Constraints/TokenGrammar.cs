using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A <see cref="Grammar"/> for the tokens of a tokenizer: a constraint for any number of requests, which share what was found out about
/// its states. Any token is allowed whose bytes the grammar can read from here on, however they are cut, so a character may
/// begin in one token and end in the next. From all that is allowed a complete text can be reached.
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

    // Counts of repetitions that are further than this from their bounds are alike to all but long tokens.
    private const int Window = 16;

    private readonly Lock _gate = new();
    private readonly TokenTrie _trie;
    private readonly Tokenizer _tokenizer;
    private readonly GrammarAutomaton _automaton;
    private readonly Recognizer _recognizer;
    private readonly RecognizerState[] _walk;
    private readonly bool[] _left;
    private readonly ulong[] _bits;
    private readonly List<int> _dependent = [];
    private int _maskBytes, _forgotten;

    /// <summary>Compiles a grammar for a tokenizer.</summary>
    /// <exception cref="ReverieException">The grammar is too large for its limits, it names a token that ends replies, or the tokenizer lacks bytes that it needs.</exception>
    public TokenGrammar(Grammar grammar, Tokenizer tokenizer)
    {
        (_tokenizer, _trie) = (tokenizer, TokenTrie.Of(tokenizer));
        _automaton = new GrammarAutomaton(grammar, TagId, _trie.IsWritable);
        _recognizer = new Recognizer(_automaton);
        _walk = new RecognizerState[_trie.Depth + 1];
        _left = new bool[_trie.Depth + 1];
        _bits = new ulong[(_trie.VocabularySize + 63) / 64];
    }

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
        foreach (GrammarItem item in state.Items)
        {
            GrammarPosition position = _automaton.Positions[item.Position];
            if (position.Kind == PositionKind.Tag)
            {
                Set(position.Target);
                continue;
            }

            LocalTokens local = LocalOf(item);
            local.Allowed.AddTo(_bits);
            Try(state, local.Dependent);
        }

        state.Mask = new TokenMask(_bits);
        Count(state.Mask.Bytes);
        return state.Mask;
    }

    private void Count(int bytes)
    {
        if (_forgotten != _recognizer.Forgotten) (_forgotten, _maskBytes) = (_recognizer.Forgotten, 0);
        _maskBytes += bytes;
    }

    private LocalTokens LocalOf(GrammarItem item)
    {
        RecognizerState start = _recognizer.Localize(item, Window, out bool isMoved);
        if (start.Local is { } known) return known;
        ulong[] allowed = new ulong[_bits.Length];
        int longest = isMoved ? Window : int.MaxValue;
        _dependent.Clear();
        _walk[0] = start;
        _left[0] = false;
        for (int node = 0; node < _trie.Values.Length;)
        {
            int depth = _trie.Depths[node];
            RecognizerState next = _recognizer.Next(_walk[depth], _trie.Values[node]);
            bool isTooLong = depth >= longest;
            if (next.IsDead || isTooLong)
            {
                // All that begins so.
                int skip = _trie.Skips[node];
                if (_left[depth] || isTooLong)
                    for (int token = _trie.FirstTokens[node]; token < _trie.FirstTokens[skip]; token++) _dependent.Add(token);
                node = skip;
                continue;
            }

            _walk[depth + 1] = next;
            _left[depth + 1] = _left[depth] || next.ReachesUnknown;
            for (int token = _trie.FirstTokens[node]; token < _trie.FirstTokens[node + 1]; token++)
                allowed[_trie.Tokens[token] >> 6] |= 1UL << (_trie.Tokens[token] & 63);
            node++;
        }

        start.Local = new LocalTokens(new TokenMask(allowed), [.. _dependent]);
        Count(start.Local.Allowed.Bytes + (start.Local.Dependent.Length * sizeof(int)));
        return start.Local;
    }

    /// <summary>Sets those of the tokens that fit.</summary>
    private void Try(RecognizerState state, int[] tokens)
    {
        _walk[0] = state;
        ReadOnlySpan<byte> before = [];
        int reached = 0;
        foreach (int token in tokens)
        {
            int id = _trie.Tokens[token];
            ReadOnlySpan<byte> bytes = _tokenizer.Bytes(id);
            int common = bytes.CommonPrefixLength(before);
            before = bytes;
            if (common > reached) continue;
            reached = common;
            while (reached < bytes.Length && !(_walk[reached + 1] = _recognizer.Next(_walk[reached], bytes[reached])).IsDead) reached++;
            if (reached == bytes.Length) Set(id);
        }
    }

    private void Set(int token) => _bits[token >> 6] |= 1UL << (token & 63);

    private RecognizerState After(RecognizerState state, int token)
    {
        if ((uint)token < (uint)_trie.VocabularySize && _tokenizer.IsSpecial(token)) return _recognizer.NextTag(state, token);
        foreach (byte value in _tokenizer.Bytes(token)) state = _recognizer.Next(state, value);
        return state;
    }

    private sealed class Reply(TokenGrammar grammar) : ITokenConstraint
    {
        private RecognizerState _state = grammar._recognizer.Start;

        public bool MayEnd => _state.IsAccepting;

        public void Allow(Span<ulong> allowed)
        {
            TokenMask mask;
            lock (grammar._gate) mask = grammar.MaskOf(_state);
            mask.AddTo(allowed);
        }

        public void Accept(int token)
        {
            RecognizerState next;
            lock (grammar._gate) next = grammar.After(_state, token);
            if (next.IsDead) throw new ReverieException($"Token {token} does not fit the grammar here. Accept only tokens that it allows.");
            _state = next;
        }
    }
}
