namespace Reverie.Models;

/// <summary>Keeps one reply within its <see cref="ITokenConstraint"/>, from where its reasoning has ended.</summary>
internal sealed class ConstraintControl
{
    private readonly ITokenConstraint _constraint;
    private readonly IReadOnlyList<int> _stopTokens;
    private readonly ulong[] _allowed;
    private readonly int _known, _thinkStart = -1, _thinkEnd = -1;
    private bool _isThinking, _mayThink;

    /// <summary>Begins a reply.</summary>
    /// <param name="constraint">The request's.</param>
    /// <param name="request">For its prompt, which may end inside reasoning, and its thinking budget, which may allow some.</param>
    /// <param name="tokenizer">For the tokens that frame reasoning; null for tokens only.</param>
    /// <param name="stopTokens">What ends the reply.</param>
    /// <param name="vocabularySize">Ids are below this.</param>
    public ConstraintControl(ITokenConstraint constraint, GenerationRequest request, Tokenizer? tokenizer, IReadOnlyList<int> stopTokens, int vocabularySize)
    {
        (_constraint, _stopTokens, _known) = (constraint, stopTokens, vocabularySize);
        _allowed = new ulong[(vocabularySize + 63) / 64];
        if (tokenizer?.Id(SpecialToken.ThinkStart) is not { } start || tokenizer.Id(SpecialToken.ThinkEnd) is not { } end) return;
        (_thinkStart, _thinkEnd) = (start, end);
        _isThinking = request.Prompt.AsSpan().LastIndexOf(start) > request.Prompt.AsSpan().LastIndexOf(end);
        _mayThink = !_isThinking && request.Options.Thinking is not null;
    }

    /// <summary>The tokens that may come next, once <see cref="Prepare"/> has found some.</summary>
    public ReadOnlySpan<ulong> Allowed => _allowed;

    /// <summary>Finds what may come next. False where that is nothing, not even the end; <paramref name="isComplete"/> where it is the end alone.</summary>
    public bool Prepare(out bool isComplete)
    {
        isComplete = false;
        if (_isThinking)
        {
            // A reply that ended while it reasons would have said nothing.
            Array.Fill(_allowed, ulong.MaxValue);
            foreach (int token in _stopTokens) Set(token, false);
            Set(_thinkStart, false);
            return true;
        }

        Array.Clear(_allowed);
        _constraint.Allow(_allowed);
        if (_known % 64 != 0) _allowed[^1] &= (1UL << (_known % 64)) - 1;
        foreach (int token in _stopTokens) Set(token, false);
        if (_mayThink) Set(_thinkStart, true);
        bool some = _allowed.AsSpan().ContainsAnyExcept(0UL), mayEnd = _constraint.MayEnd;
        isComplete = !some && mayEnd;
        if (mayEnd)
            foreach (int token in _stopTokens) Set(token, true);
        return some || mayEnd;
    }

    /// <summary>Takes a token that is no stop token.</summary>
    public void Accept(int token)
    {
        bool opens = _mayThink && token == _thinkStart, closes = _isThinking && token == _thinkEnd;
        if (!opens && !closes && !_isThinking) _constraint.Accept(token);
        _isThinking = opens || (_isThinking && !closes);
        _mayThink = false;
    }

    private void Set(int token, bool value)
    {
        if ((uint)token >= (uint)_known) return;
        if (value) _allowed[token / 64] |= 1UL << (token % 64);
        else _allowed[token / 64] &= ~(1UL << (token % 64));
    }
}
