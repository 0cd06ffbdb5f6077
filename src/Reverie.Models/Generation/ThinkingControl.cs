namespace Reverie.Models;

/// <summary>Keeps one reply within its <see cref="ThinkingBudget"/>: says what comes next where it is not free, and what may not come.</summary>
internal sealed class ThinkingControl
{
    private readonly ThinkingBudget _budget;
    private readonly int _start, _end;
    private readonly int[] _ends, _restart;
    private readonly List<bool> _forced = [];
    private bool _isThinking;
    private int _used;

    /// <summary>Begins a reply.</summary>
    /// <param name="budget">A valid one.</param>
    /// <param name="tokenizer">It must have the tokens that frame reasoning.</param>
    /// <param name="stopTokens">What ends the turn.</param>
    /// <exception cref="Reverie.Tensors.ReverieException">The tokenizer lacks a token.</exception>
    public ThinkingControl(ThinkingBudget budget, Tokenizer tokenizer, IReadOnlyList<int> stopTokens)
    {
        (_budget, _start, _end) = (budget, tokenizer.ThinkStart, tokenizer.ThinkEnd);
        _ends = [_end, _start, .. tokenizer.StopTokens, .. stopTokens];
        _restart = [_start];
    }

    /// <summary>Which of the reply's tokens were set.</summary>
    public List<bool> Forced => _forced;

    /// <summary>The next token where it is set; null where it is drawn.</summary>
    public int? Next =>
        _forced.Count == 0 && (_budget.Minimum > 0 || _budget.Maximum == 0) ? _start
        : _isThinking && _used >= _budget.Maximum ? _end
        : null;

    /// <summary>Tokens that may not be drawn next.</summary>
    public ReadOnlySpan<int> Forbidden =>
        _isThinking && _used < _budget.Minimum ? _ends
        : !_isThinking && _used >= _budget.Maximum ? _restart
        : [];

    /// <summary>Takes the next token.</summary>
    public void Accept(int token, bool isForced)
    {
        _forced.Add(isForced);
        if (token == _start) _isThinking = true;
        else if (token == _end) _isThinking = false;
        else if (_isThinking) _used++;
    }
}
