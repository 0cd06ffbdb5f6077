namespace Reverie.Models.Templating;

/// <summary>Computes the values of expressions.</summary>
internal sealed class Evaluator(Interpreter interpreter)
{
    /// <summary>The value of an expression.</summary>
    public object? Evaluate(Expression expression, Scope scope)
    {
        interpreter.Meter.Enter();
        interpreter.Line = expression.Line;
        object? value = expression switch
        {
            Constant constant => constant.Value,
            Variable variable => VariableOf(variable, scope),
            Member member => MemberOf(Evaluate(member.Target, scope), member.Name),
            Element element => ElementOf(Evaluate(element.Target, scope), Evaluate(element.Index, scope)),
            Slice slice => SliceOf(slice, scope),
            Call call => CallOf(Evaluate(call.Target, scope), call, scope),
            Filter filter => Apply(filter, Evaluate(filter.Target, scope), scope),
            Test test => Apply(test, Evaluate(test.Target, scope), scope),
            Not not => !Python.IsTrue(Evaluate(not.Operand, scope)),
            Logic logic => LogicOf(logic, scope),
            Comparison comparison => ComparisonOf(comparison, scope),
            Binary binary => interpreter.Operators.Apply(binary.Sign, Evaluate(binary.Left, scope), Evaluate(binary.Right, scope)),
            Sign sign => Operators.Signed(sign.IsMinus, Evaluate(sign.Operand, scope)),
            Conditional conditional => ConditionalOf(conditional, scope),
            ListDisplay list => ListOf(list, scope),
            DictDisplay dict => DictOf(dict, scope),
            _ => throw new InvalidOperationException($"No expression: {expression.GetType().Name}."),
        };
        interpreter.Meter.Leave();
        return value;
    }

    /// <summary>What a filter makes of a value.</summary>
    public object? Apply(Filter filter, object? target, Scope scope) =>
        Filters.All[filter.Name].Apply(interpreter, target, ArgumentsOf(filter.Name, filter.Arguments, scope));

    /// <summary><c>target.name</c>: a method or, in a dict, an entry.</summary>
    public object? MemberOf(object? target, string name)
    {
        if (target is Undefined undefined) throw Operators.Missing(undefined);
        if (target is Loop loop) return loop.Get(name);
        if (target is Namespace space) return space.Fields.TryGetValue(name, out object? field) ? field : Unknown(target, name);
        if (Methods.Of(target, name) is { } method) return new Function(name, arguments => method.Apply(interpreter, target, arguments));
        return target is Mapping mapping && mapping.TryGet(new Text(name), out object? entry) ? entry : Unknown(target, name);
    }

    /// <summary><c>target[index]</c>: an entry, an element, a character, or a method.</summary>
    public object? ElementOf(object? target, object? index)
    {
        if (index is Text letters) interpreter.Meter.Read(letters);
        switch (target, index)
        {
            case (Undefined undefined, _):
                throw Operators.Missing(undefined);
            case (Mapping mapping, _) when mapping.TryGet(index, out object? entry):
                return entry;
            case (Sequence sequence, long at):
                if (at < 0) at += sequence.Items.Count;
                return at >= 0 && at < sequence.Items.Count ? sequence.Items[(int)at] : Unknown(target, $"{index}");
            case (Text text, long at):
                interpreter.Meter.Read(text);
                if (at < 0) at += text.Length;
                return at >= 0 && at < text.Length ? text.Slice((int)at, (int)at + 1) : Unknown(target, $"{index}");
            case (_, Text name):
                return MemberOf(target, name.Characters);
            default:
                return Unknown(target, interpreter.Writing.Show(index).Characters);
        }
    }

    private object? VariableOf(Variable variable, Scope scope)
    {
        interpreter.Meter.Spend(scope.Depth >> 3);
        return scope.Get(variable.Name);
    }

    private static Undefined Unknown(object? target, string name) => new($"'{name}' of a value of type {Python.TypeOf(target)}");

    private object? SliceOf(Slice slice, Scope scope)
    {
        object? target = Evaluate(slice.Target, scope);
        if (target is Undefined undefined) throw Operators.Missing(undefined);
        if (target is not (Text or Sequence)) throw new TemplateFault($"a value of type {Python.TypeOf(target)} cannot be sliced");
        if (target is Text whole) interpreter.Meter.Read(whole);
        int length = target is Text text ? text.Length : ((Sequence)target).Items.Count;
        long step = Bound(slice.Step, scope) ?? 1;
        if (step == 0) throw new TemplateFault("the step of a slice is zero");
        step = Math.Clamp(step, -length - 1, length + 1);
        long from = Clamp(Bound(slice.From, scope), length, step, isStart: true), to = Clamp(Bound(slice.To, scope), length, step, isStart: false);
        if (step == 1 && target is Text letters) return from < to ? letters.Slice((int)from, (int)to) : Text.Empty;
        long count = step > 0 ? (to - from + step - 1) / step : (from - to - step - 1) / -step;
        IEnumerable<int> indexes = Enumerable.Range(0, (int)Math.Max(0, count)).Select(i => (int)(from + (i * step)));
        interpreter.Meter.Fill(Math.Max(0, count));
        if (target is Sequence sequence) return new Sequence([.. indexes.Select(i => sequence.Items[i])], sequence.IsTuple);
        var builder = new TextBuilder(interpreter.Meter);
        foreach (int i in indexes) builder.Append(((Text)target).Slice(i, i + 1));
        return builder.ToText();
    }

    private long? Bound(Expression? expression, Scope scope) => expression is null ? null : Evaluate(expression, scope) switch
    {
        null => null,
        bool truth => truth ? 1 : 0,
        long number => number,
        Undefined undefined => throw Operators.Missing(undefined),
        { } other => throw new TemplateFault($"the bounds of a slice are whole numbers, not {Python.TypeOf(other)}"),
    };

    private static long Clamp(long? bound, int length, long step, bool isStart)
    {
        (long low, long high) = step > 0 ? (0, length) : (-1, length - 1);
        if (bound is not { } at) return isStart == step > 0 ? low : high;
        return Math.Clamp(at < 0 ? at + length : at, low, high);
    }

    private object? CallOf(object? target, Call call, Scope scope) => target switch
    {
        Function function => function.Body(ArgumentsOf(function.Name, call.Arguments, scope)),
        Undefined undefined => throw Operators.Missing(undefined),
        _ => throw new TemplateFault($"a value of type {Python.TypeOf(target)} cannot be called"),
    };

    private object Apply(Test test, object? target, Scope scope) =>
        Python.IsTrue(Tests.All[test.Name].Apply(interpreter, target, ArgumentsOf(test.Name, test.Arguments, scope)));

    private Arguments ArgumentsOf(string callee, ArgumentList list, Scope scope)
    {
        var named = new Dictionary<string, object?>();
        object?[] positional = [.. list.Positional.Select(a => Evaluate(a, scope))];
        foreach ((string name, Expression value) in list.Named)
            if (!named.TryAdd(name, Evaluate(value, scope))) throw new TemplateFault($"'{callee}' is given '{name}' twice");
        return new Arguments(callee, positional, named);
    }

    private object? LogicOf(Logic logic, Scope scope)
    {
        object? left = Evaluate(logic.Left, scope);
        return Python.IsTrue(left) == logic.IsAnd ? Evaluate(logic.Right, scope) : left;
    }

    private bool ComparisonOf(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string sign, Expression operand) in comparison.Rest)
        {
            object? right = Evaluate(operand, scope);
            if (!interpreter.Operators.Compare(sign, left, right)) return false;
            left = right;
        }

        return true;
    }

    private object? ConditionalOf(Conditional conditional, Scope scope) =>
        Python.IsTrue(Evaluate(conditional.Condition, scope)) ? Evaluate(conditional.Then, scope)
        : conditional.Else is { } otherwise ? Evaluate(otherwise, scope)
        : new Undefined("the value of an 'if' without 'else'");

    private Sequence ListOf(ListDisplay list, Scope scope) => new([.. list.Items.Select(i => Evaluate(i, scope))], list.IsTuple);

    private Mapping DictOf(DictDisplay dict, Scope scope)
    {
        var mapping = new Mapping();
        foreach ((Expression key, Expression value) in dict.Items) mapping.Set(Evaluate(key, scope), Evaluate(value, scope));
        return mapping;
    }
}
