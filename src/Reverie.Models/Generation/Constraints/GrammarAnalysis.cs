namespace Reverie.Models;

/// <summary>What can be known of a <see cref="GrammarAutomaton"/> before it reads anything. Loops, no recursion: grammars come from strangers.</summary>
internal sealed class GrammarAnalysis
{
    private readonly GrammarPosition[] _positions;
    private readonly int[] _starts;

    /// <summary>Analyses an automaton.</summary>
    public GrammarAnalysis(GrammarAutomaton automaton)
    {
        (_positions, _starts) = (automaton.Positions, automaton.Starts);
        Productive = LeastFixedPoint((p, known) => p.Kind switch
        {
            PositionKind.End => true,
            PositionKind.Bytes => Array.Exists(p.Edges!, e => known[e.Next]),
            PositionKind.Split => Array.Exists(p.Alternatives!, a => known[a]),
            PositionKind.Jump => known[_starts[p.Target]],
            PositionKind.Call => known[_starts[p.Target]] && known[p.Next],
            PositionKind.Repeat => (p.Minimum == 0 || known[_starts[p.Target]]) && known[p.Next],
            _ => known[p.Next],
        });
        Nullable = LeastFixedPoint((p, known) => p.Kind switch
        {
            PositionKind.End => true,
            PositionKind.Split => Array.Exists(p.Alternatives!, a => known[a]),
            PositionKind.Jump => known[_starts[p.Target]],
            PositionKind.Call => known[_starts[p.Target]] && known[p.Next],
            PositionKind.Repeat => (p.Minimum == 0 || known[_starts[p.Target]]) && known[p.Next],
            _ => false,
        });
    }

    /// <summary>From which positions the end of their rule can be reached.</summary>
    public bool[] Productive { get; }

    /// <summary>From which positions it can be reached without reading.</summary>
    public bool[] Nullable { get; }

    /// <summary>A call that comes back to itself before anything is read; null where there is none.</summary>
    public int? FindLeftRecursion()
    {
        int[] component = Components(WithoutReading);
        for (int i = 0; i < _positions.Length; i++)
        {
            if (_positions[i].Kind is PositionKind.Call or PositionKind.Repeat && Productive[i] && component[i] == component[_starts[_positions[i].Target]]) return i;
        }

        return null;
    }

    /// <summary>Whether reading can come from one position to another.</summary>
    public bool Reaches(int from, int to)
    {
        bool[] seen = new bool[_positions.Length];
        var open = new Stack<int>([from]);
        while (open.TryPop(out int position))
        {
            if (seen[position] || !Productive[position]) continue;
            seen[position] = true;
            foreach (int next in Successors(position)) open.Push(next);
        }

        return seen[to];
    }

    private IEnumerable<int> Successors(int position)
    {
        GrammarPosition p = _positions[position];
        return p.Kind switch
        {
            PositionKind.Bytes => p.Edges!.Select(e => e.Next),
            PositionKind.Split => p.Alternatives!,
            PositionKind.Jump => [_starts[p.Target]],
            PositionKind.Call or PositionKind.Repeat => [_starts[p.Target], p.Next],
            PositionKind.Tag => [p.Next],
            _ => [],
        };
    }

    private int[] WithoutReading(int position)
    {
        GrammarPosition p = _positions[position];
        if (!Productive[position]) return [];
        return p.Kind switch
        {
            PositionKind.Split => p.Alternatives!,
            PositionKind.Jump => [_starts[p.Target]],
            PositionKind.Call => Nullable[_starts[p.Target]] ? [_starts[p.Target], p.Next] : [_starts[p.Target]],
            PositionKind.Repeat => p.Minimum == 0 || Nullable[_starts[p.Target]] ? [_starts[p.Target], p.Next] : [_starts[p.Target]],
            _ => [],
        };
    }

    private bool[] LeastFixedPoint(Func<GrammarPosition, bool[], bool> holds)
    {
        int count = _positions.Length;
        int[] first = new int[count + 2];
        for (int i = 0; i < count; i++)
            foreach (int to in Successors(i)) first[to + 2]++;
        for (int i = 2; i < first.Length; i++) first[i] += first[i - 1];
        int[] predecessors = new int[first[^1]];
        for (int i = 0; i < count; i++)
            foreach (int to in Successors(i)) predecessors[first[to + 1]++] = i;

        bool[] known = new bool[count];
        var open = new Stack<int>(Enumerable.Range(0, count));
        while (open.TryPop(out int position))
        {
            if (known[position] || !holds(_positions[position], known)) continue;
            known[position] = true;
            for (int i = first[position]; i < first[position + 1]; i++) open.Push(predecessors[i]);
        }

        return known;
    }

    /// <summary>Strongly connected components (Tarjan 1972), each by a number.</summary>
    private int[] Components(Func<int, int[]> successors)
    {
        int count = _positions.Length, next = 1, components = 0;
        int[] order = new int[count], low = new int[count], component = new int[count];
        Array.Fill(component, -1);
        var path = new Stack<int>();
        var calls = new Stack<(int Position, int[] To, int Index)>();
        for (int root = 0; root < count; root++)
        {
            if (order[root] == 0) Enter(root);
            while (calls.TryPop(out (int Position, int[] To, int Index) call))
            {
                if (call.Index > 0) low[call.Position] = Math.Min(low[call.Position], low[call.To[call.Index - 1]]);
                bool entered = false;
                for (int i = call.Index; i < call.To.Length && !entered; i++)
                {
                    int to = call.To[i];
                    if (order[to] == 0)
                    {
                        calls.Push(call with { Index = i + 1 });
                        Enter(to);
                        entered = true;
                    }
                    else if (component[to] < 0)
                    {
                        low[call.Position] = Math.Min(low[call.Position], order[to]);
                    }
                }

                if (entered || low[call.Position] != order[call.Position]) continue;
                int member;
                do component[member = path.Pop()] = components;
                while (member != call.Position);
                components++;
            }
        }

        return component;

        void Enter(int position)
        {
            order[position] = low[position] = next++;
            path.Push(position);
            calls.Push((position, successors(position), 0));
        }
    }
}
