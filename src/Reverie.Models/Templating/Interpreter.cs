namespace Reverie.Models.Templating;

/// <summary>Runs the statements of a template over a tree, and writes.</summary>
internal sealed class Interpreter
{
    private TextBuilder _output;

    /// <param name="variables">What the template may read.</param>
    /// <param name="now">What <c>strftime_now</c> tells.</param>
    public Interpreter(IReadOnlyDictionary<string, object?> variables, DateTime now)
    {
        Writing = new Writing(Meter);
        Operators = new Operators(Meter, Writing);
        Now = now;
        Evaluator = new Evaluator(this);
        _output = new TextBuilder(Meter);
        Globals = new Scope(null);
        foreach ((string name, Builtin function) in Functions.All)
            Globals.Set(name, new Function(name, arguments => function.Apply(this, null, arguments)));
        foreach ((string name, object? value) in variables) Globals.Set(name, value);
    }

    /// <summary>What the template may still use up.</summary>
    public Meter Meter { get; } = new();

    /// <summary>Values as text.</summary>
    public Writing Writing { get; }

    /// <summary>Python's operators.</summary>
    public Operators Operators { get; }

    /// <summary>Values of expressions.</summary>
    public Evaluator Evaluator { get; }

    /// <summary>What <c>strftime_now</c> tells.</summary>
    public DateTime Now { get; }

    /// <summary>The line at hand, for faults.</summary>
    public int Line { get; set; }

    private Scope Globals { get; }

    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    /// <summary>Runs a template; once.</summary>
    /// <returns>What it wrote.</returns>
    public Text Run(IReadOnlyList<Statement> template)
    {
        if (Execute(template, new Scope(Globals)) != Flow.Next) throw new TemplateFault("'break' or 'continue' stands outside of a loop");
        return _output.ToText();
    }

    private Flow Execute(IReadOnlyList<Statement> body, Scope scope)
    {
        Meter.Enter();
        var flow = Flow.Next;
        for (int i = 0; i < body.Count && flow == Flow.Next; i++)
        {
            Line = body[i].Line;
            Meter.Spend(1);
            flow = Execute(body[i], scope);
        }

        Meter.Leave();
        return flow;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case Data data:
                _output.Append(data.Text);
                return Flow.Next;
            case Output output:
                _output.Append(Writing.Show(Evaluator.Evaluate(output.Value, scope)));
                return Flow.Next;
            case If branches:
                return ExecuteIf(branches, scope);
            case For loop:
                return ExecuteFor(loop, scope);
            case Set set:
                Assign(set.Target, Evaluator.Evaluate(set.Value, scope), scope);
                return Flow.Next;
            case SetBlock set:
                Assign(set.Target, Filtered(set.Filters, set.Body, scope), scope);
                return Flow.Next;
            case FilterBlock block:
                _output.Append(Writing.Show(Filtered(block.Filters, block.Body, scope)));
                return Flow.Next;
            case Generated generated:
                _output.AppendGenerated(Capture(generated.Body, new Scope(scope)));
                return Flow.Next;
            case Macro macro:
                scope.Set(macro.Name, new Function(macro.Name, arguments => Invoke(macro, arguments, scope)));
                return Flow.Next;
            default:
                return ((Jump)statement).IsBreak ? Flow.Break : Flow.Continue;
        }
    }

    private Flow ExecuteIf(If branches, Scope scope)
    {
        foreach ((Expression? condition, IReadOnlyList<Statement> body) in branches.Branches)
            if (condition is null || Python.IsTrue(Evaluator.Evaluate(condition, scope))) return Execute(body, scope);
        return Flow.Next;
    }

    private Flow ExecuteFor(For statement, Scope outer)
    {
        List<object?> items = [.. Operators.Elements(Evaluator.Evaluate(statement.Items, outer))];
        if (statement.Condition is { } condition)
        {
            items = items.FindAll(item =>
            {
                var trial = new Scope(outer);
                Assign(statement.Target, item, trial);
                return Python.IsTrue(Evaluator.Evaluate(condition, trial));
            });
        }

        if (items.Count == 0) return Execute(statement.Else, new Scope(outer));
        var loop = new Loop(items, Operators);
        for (; loop.Index < items.Count; loop.Index++)
        {
            var scope = new Scope(outer);
            scope.Set("loop", loop);
            Assign(statement.Target, items[loop.Index], scope);
            if (Execute(statement.Body, scope) == Flow.Break) break;
        }

        return Flow.Next;
    }

    private void Assign(Target target, object? value, Scope scope)
    {
        switch (target)
        {
            case NameTarget name:
                scope.Set(name.Name, value);
                break;
            case FieldTarget field:
                if (scope.Get(field.Namespace) is not Namespace space) throw new TemplateFault($"'{field.Namespace}' is no namespace, so '{field.Field}' cannot be set in it");
                space.Fields[field.Field] = value;
                break;
            case TupleTarget tuple:
                List<object?> items = Operators.Elements(value);
                if (items.Count != tuple.Items.Count) throw new TemplateFault($"{items.Count} values do not fit {tuple.Items.Count} names");
                for (int i = 0; i < items.Count; i++) Assign(tuple.Items[i], items[i], scope);
                break;
        }
    }

    private Text Invoke(Macro macro, Arguments arguments, Scope outer)
    {
        var scope = new Scope(outer);
        Arguments bound = arguments.Bind([.. macro.Parameters.Select(p => p.Name)]);
        foreach ((string name, Expression? otherwise) in macro.Parameters)
        {
            scope.Set(name, bound.Has(name) ? bound.Get(name)
                : otherwise is null ? new Undefined($"the argument '{name}' of the macro '{macro.Name}'")
                : Evaluator.Evaluate(otherwise, scope));
        }

        return Capture(macro.Body, scope);
    }

    private object? Filtered(IReadOnlyList<Filter> filters, IReadOnlyList<Statement> body, Scope scope)
    {
        object? text = Capture(body, new Scope(scope));
        foreach (Filter filter in filters) text = Evaluator.Apply(filter, text, scope);
        return text;
    }

    /// <summary>What statements write, instead of writing it.</summary>
    private Text Capture(IReadOnlyList<Statement> body, Scope scope)
    {
        TextBuilder outer = _output;
        _output = new TextBuilder(Meter);
        if (Execute(body, scope) != Flow.Next) throw new TemplateFault("'break' or 'continue' stands outside of a loop");
        Text text = _output.ToText();
        _output = outer;
        return text;
    }
}
