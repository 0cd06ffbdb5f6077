using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Reads bytes and tags as a <see cref="GrammarAutomaton"/> says, all ways at once, and remembers the states that it has met: a step
/// that was taken once is a look into a table. For one thread at a time.
/// </summary>
internal sealed class Recognizer
{
    /// <summary>So many states are remembered; then it begins anew. A state that someone holds stays valid.</summary>
    public const int MaximumStates = 20_000;

    /// <summary>A step that would have more ways than this is not taken.</summary>
    public const int MaximumWays = 10_000;

    /// <summary>The states that are remembered have at most so many ways together.</summary>
    public const int MaximumItems = 1_000_000;

    private readonly GrammarAutomaton _automaton;
    private readonly GrammarPosition[] _positions;
    private readonly Dictionary<RecognizerState, RecognizerState> _states = [];
    private readonly Dictionary<GrammarStack, GrammarStack> _stacks = [];

    // Of the step that is being taken.
    private readonly Dictionary<(int Position, int Count), GrammarStack> _ways = [];
    private readonly Stack<(int Position, int Count, GrammarStack Stack)> _open = [];
    private readonly Dictionary<(GrammarStack, GrammarStack), GrammarStack> _unions = [];
    private long _items;
    private bool _accepts, _reachesUnknown, _overflows;

    /// <summary>Begins a text.</summary>
    /// <exception cref="ReverieException">The grammar can begin in too many ways.</exception>
    public Recognizer(GrammarAutomaton automaton)
    {
        (_automaton, _positions) = (automaton, automaton.Positions);
        Add(automaton.Root, 0, GrammarStack.Bottom);
        Start = Close();
        if (Start.IsDead) throw new ReverieException($"The grammar can begin in more than {MaximumWays} ways. Make it smaller: fewer alternatives at its beginning.");
    }

    /// <summary>Before the first byte.</summary>
    public RecognizerState Start { get; }

    /// <summary>How often it has forgotten what it remembered.</summary>
    public int Forgotten { get; private set; }

    /// <summary>After a byte.</summary>
    public RecognizerState Next(RecognizerState state, byte value)
    {
        int kind = _automaton.Classes[value];
        if (state.Next?[kind] is { } known) return known;
        if (state.Items.Length == 0) return RecognizerState.Dead;
        byte representative = _automaton.Representatives[kind];
        Prepare();
        foreach (GrammarItem item in state.Items)
        {
            foreach (ByteEdge edge in _positions[item.Position].Edges ?? [])
            {
                if (edge.First > representative) break;
                if (representative > edge.Last) continue;
                Add(edge.Next, 0, item.Stack);
                break;
            }
        }

        RecognizerState next = Close();
        return (state.Next ??= new RecognizerState?[_automaton.Representatives.Length])[kind] = next;
    }

    /// <summary>After a special token.</summary>
    public RecognizerState NextTag(RecognizerState state, int tag)
    {
        Prepare();
        foreach (GrammarItem item in state.Items)
        {
            GrammarPosition position = _positions[item.Position];
            if (position.Kind == PositionKind.Tag && position.Target == tag) Add(position.Next, 0, item.Stack);
        }

        return Close();
    }

    /// <summary>The state of a single item, with what is deep on its stack unknown. Counts far from their bounds are moved there: tokens of up to <paramref name="window"/> bytes cannot tell.</summary>
    /// <param name="item">The item.</param>
    /// <param name="window">In bytes.</param>
    /// <param name="isMoved">Whether a count was moved.</param>
    public RecognizerState Localize(GrammarItem item, int window, out bool isMoved)
    {
        Prepare();
        isMoved = false;
        return Intern(new RecognizerState([new GrammarItem(item.Position, Cut(item.Stack, 0, window, ref isMoved))], false, false));
    }

    private GrammarStack Cut(GrammarStack stack, int depth, int window, ref bool isMoved)
    {
        if (depth == 4 || stack is not { Frames: [GrammarFrame frame], HasBottom: false, HasUnknown: false } || _positions[frame.Return].Kind != PositionKind.Repeat) return GrammarStack.Unknown;
        GrammarPosition repeat = _positions[frame.Return];
        int count = frame.Count;
        bool isBounded = !_automaton.IsNullable[_automaton.Starts[repeat.Target]];
        if (isBounded && count < repeat.Minimum - window) count = 1;
        else if (isBounded && count >= repeat.Minimum && count < repeat.Maximum - window) count = Math.Max(repeat.Minimum, 1);
        isMoved |= count != frame.Count;
        return Push(frame.Return, count, Cut(frame.Below, depth + 1, window, ref isMoved));
    }

    private void Prepare()
    {
        if (_states.Count >= MaximumStates || _stacks.Count >= MaximumItems / 4 || _items >= MaximumItems) Forget();
    }

    /// <summary>Forgets all states and what is known of them.</summary>
    public void Forget()
    {
        // A request holds one state; what that knows of others must not keep all of them.
        foreach (RecognizerState state in _states.Keys) (state.Next, state.Mask, state.Local) = (null, null, null);
        _states.Clear();
        _stacks.Clear();
        _items = 0;
        Forgotten++;
    }

    private void Add(int position, int count, GrammarStack stack)
    {
        if (!_automaton.IsProductive[position]) return;
        ref GrammarStack? known = ref CollectionsMarshal.GetValueRefOrAddDefault(_ways, (position, count), out bool exists);
        GrammarStack all = exists ? Union(known!, stack) : stack;
        if (exists && ReferenceEquals(all, known)) return;
        known = all;
        _open.Push((position, count, stack));
    }

    /// <summary>Follows everything that needs no reading.</summary>
    private RecognizerState Close()
    {
        while (_open.TryPop(out (int Position, int Count, GrammarStack Stack) way) && !_overflows)
        {
            _overflows = _ways.Count > MaximumWays;
            (int at, int count, GrammarStack stack) = way;
            GrammarPosition position = _positions[at];
            switch (position.Kind)
            {
                case PositionKind.End:
                    _accepts |= stack.HasBottom;
                    _reachesUnknown |= stack.HasUnknown;
                    foreach (GrammarFrame frame in stack.Frames) Add(frame.Return, frame.Count, frame.Below);
                    break;
                case PositionKind.Split:
                    foreach (int alternative in position.Alternatives!) Add(alternative, 0, stack);
                    break;
                case PositionKind.Jump:
                    Add(_automaton.Starts[position.Target], 0, stack);
                    break;
                case PositionKind.Call:
                    Add(_automaton.Starts[position.Target], 0, Push(position.Next, 0, stack));
                    break;
                case PositionKind.Repeat:
                    // Beyond the minimum of an endless repetition all counts are the same.
                    int next = position.Maximum == int.MaxValue ? Math.Min(count + 1, Math.Max(1, position.Minimum)) : count + 1;
                    if (count < position.Maximum) Add(_automaton.Starts[position.Target], 0, Push(at, next, stack));
                    if (count >= position.Minimum) Add(position.Next, 0, stack);
                    break;
            }
        }

        RecognizerState state = _overflows ? RecognizerState.Dead : Collect();
        _ways.Clear();
        _open.Clear();
        _unions.Clear();
        _accepts = _reachesUnknown = _overflows = false;
        return state;
    }

    private RecognizerState Collect()
    {
        int count = 0;
        foreach ((int position, int _) in _ways.Keys) count += _positions[position].Kind is PositionKind.Bytes or PositionKind.Tag ? 1 : 0;
        if (count == 0 && !_accepts && !_reachesUnknown) return RecognizerState.Dead;
        var items = new GrammarItem[count];
        foreach (((int position, int _), GrammarStack stack) in _ways)
            if (_positions[position].Kind is PositionKind.Bytes or PositionKind.Tag) items[--count] = new GrammarItem(position, stack);
        Array.Sort(items, static (a, b) => a.Position.CompareTo(b.Position));
        return Intern(new RecognizerState(items, _accepts, _reachesUnknown));
    }

    private RecognizerState Intern(RecognizerState state)
    {
        if (!_states.TryAdd(state, state)) return _states[state];
        _items += state.Items.Length;
        return state;
    }

    private GrammarStack Intern(GrammarStack stack) => _stacks.TryAdd(stack, stack) ? stack : _stacks[stack];

    private GrammarStack Push(int position, int count, GrammarStack below) => Intern(new GrammarStack([new GrammarFrame(position, count, below)]));

    private GrammarStack Union(GrammarStack one, GrammarStack two)
    {
        if (ReferenceEquals(one, two) || _overflows) return one;
        if (_unions.TryGetValue((one, two), out GrammarStack? known)) return known;
        if (_unions.Count > MaximumWays || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            _overflows = true;
            return one;
        }

        var frames = new List<GrammarFrame>(one.Frames.Length + two.Frames.Length);
        int i = 0, j = 0;
        while (i < one.Frames.Length || j < two.Frames.Length)
        {
            int order = i == one.Frames.Length ? 1 : j == two.Frames.Length ? -1
                : (one.Frames[i].Return, one.Frames[i].Count).CompareTo((two.Frames[j].Return, two.Frames[j].Count));
            frames.Add(order < 0 ? one.Frames[i] : order > 0 ? two.Frames[j] : one.Frames[i] with { Below = Union(one.Frames[i].Below, two.Frames[j].Below) });
            if (order <= 0) i++;
            if (order >= 0) j++;
        }

        // Compared with the interned form, so that a set that does not grow is known as such.
        GrammarStack union = new([.. frames], one.HasBottom || two.HasBottom, one.HasUnknown || two.HasUnknown);
        return _unions[(one, two)] = union.Equals(one) ? one : Intern(union);
    }
}
