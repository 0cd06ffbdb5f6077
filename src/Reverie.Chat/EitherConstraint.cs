using Reverie.Models;

namespace Reverie.Chat;

/// <summary>A reply that follows one constraint or the other: the first tokens decide.</summary>
internal sealed class EitherConstraint(ITokenConstraint one, ITokenConstraint other) : ITokenConstraint
{
    private readonly List<(ITokenConstraint Constraint, ulong[] Allowed)> _open = [(one, []), (other, [])];

    /// <inheritdoc/>
    public bool MayEnd => _open.Exists(o => o.Constraint.MayEnd);

    /// <inheritdoc/>
    public void Allow(Span<ulong> allowed)
    {
        for (int i = 0; i < _open.Count; i++)
        {
            ulong[] own = new ulong[allowed.Length];
            _open[i].Constraint.Allow(own);
            _open[i] = (_open[i].Constraint, own);
            for (int word = 0; word < own.Length; word++) allowed[word] |= own[word];
        }
    }

    /// <inheritdoc/>
    public void Accept(int token)
    {
        _open.RemoveAll(o => (o.Allowed[token / 64] >> (token % 64) & 1) == 0);
        foreach ((ITokenConstraint constraint, _) in _open) constraint.Accept(token);
    }
}
