namespace Reverie.Models.Tests.Generation.Constraints;

/// <summary>How many bytes are at least left to the end of a text.</summary>
internal sealed class ShortestWay
{
    private const long Endless = long.MaxValue / 4;
    private readonly GrammarAutomaton _automaton;
    private readonly Recognizer _recognizer;
    private readonly long[] _lengths;
    private RecognizerState _state;

    public ShortestWay(GrammarAutomaton automaton)
    {
        (_automaton, _recognizer) = (automaton, new Recognizer(automaton));
        _state = _recognizer.Start;
        _lengths = [.. automaton.Positions.Select(_ => Endless)];
        for (bool better = true; better;)
        {
            better = false;
            for (int i = 0; i < _lengths.Length; i++)
            {
                GrammarPosition p = automaton.Positions[i];
                long length = Math.Min(Endless, p.Kind switch
                {
                    PositionKind.End => 0,
                    PositionKind.Bytes => p.Edges!.Min(e => 1 + _lengths[e.Next]),
                    PositionKind.Split => p.Alternatives!.Select(a => _lengths[a]).DefaultIfEmpty(Endless).Min(),
                    PositionKind.Jump => _lengths[automaton.Starts[p.Target]],
                    PositionKind.Call => _lengths[automaton.Starts[p.Target]] + _lengths[p.Next],
                    PositionKind.Repeat => Left(p, 0),
                    _ => 1 + _lengths[p.Next],
                });
                better |= length < _lengths[i];
                _lengths[i] = length;
            }
        }
    }

    public bool HasFreeKeys => _automaton.HasFreeKeys;

    public long Length => LengthOf(_state);

    public long LengthAfter(byte value) => LengthOf(_recognizer.Next(_state, value));

    public void Accept(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) _state = _recognizer.Next(_state, value);
    }

    private long LengthOf(RecognizerState state) =>
        state.IsAccepting ? 0 : state.Items.Select(i => _lengths[i.Position] + LengthOf(i.Stack)).DefaultIfEmpty(Endless).Min();

    private long LengthOf(GrammarStack stack) => stack.HasBottom ? 0 : stack.Frames.Min(f =>
        (_automaton.Positions[f.Return].Kind == PositionKind.Repeat ? Left(_automaton.Positions[f.Return], f.Count) : _lengths[f.Return]) + LengthOf(f.Below));

    private long Left(GrammarPosition repeat, int count)
    {
        long body = _lengths[_automaton.Starts[repeat.Target]];
        int times = Math.Max(0, repeat.Minimum - count);
        return (times == 0 ? 0 : body >= Endless ? Endless : times * body) + _lengths[repeat.Next];
    }
}
