namespace Reverie.Models.Templating;

/// <summary>The filters that go over the elements of a list and look at their attributes or apply another filter or test.</summary>
internal static class ListFilters
{
    /// <summary><c>map('filter', ...)</c> or <c>map(attribute='name')</c>.</summary>
    public static object Map(Interpreter interpreter, object? value, Arguments arguments)
    {
        List<object?> items = interpreter.Operators.Elements(value);
        if (arguments.Positional.Count == 0)
        {
            arguments = arguments.Bind(["attribute", "default"]);
            return new Sequence(items.ConvertAll(item => Attribute(interpreter, item, arguments.Get("attribute")) is var found && found is Undefined ? arguments.Get("default", found) : found));
        }

        (string name, Arguments rest) = Named(arguments);
        if (!Filters.All.TryGetValue(name, out Builtin? filter)) throw new TemplateFault($"the filter '{name}' is not supported");
        return new Sequence(items.ConvertAll(item => Nested(interpreter, filter, item, rest)));
    }

    /// <summary><c>select</c>, <c>reject</c>, <c>selectattr</c> and <c>rejectattr</c>: elements that pass a test, or are true where none is named.</summary>
    public static object Select(Interpreter interpreter, object? value, Arguments arguments, bool keep, bool byAttribute)
    {
        object? attribute = null;
        if (byAttribute)
        {
            if (arguments.Positional.Count == 0) throw new TemplateFault($"'{arguments.Callee}' needs an attribute");
            attribute = arguments.Positional[0];
            arguments = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        }

        Builtin? test = null;
        if (arguments.Positional.Count > 0)
        {
            (string name, arguments) = Named(arguments);
            if (!Tests.All.TryGetValue(name, out test)) throw new TemplateFault($"the test '{name}' is not supported");
        }

        return new Sequence(interpreter.Operators.Elements(value).FindAll(item =>
        {
            object? tested = byAttribute ? Attribute(interpreter, item, attribute) : item;
            return Python.IsTrue(test is null ? tested : Nested(interpreter, test, tested, arguments)) == keep;
        }));
    }

    /// <summary>The elements in order; equal ones stay as they stood.</summary>
    public static object Sort(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool isExact = arguments.Flag("case_sensitive");
        object? attribute = arguments.Get("attribute", null);
        return new Sequence(Ordered(interpreter, interpreter.Operators.Elements(value), item => Key(interpreter, item, attribute, isExact), arguments.Flag("reverse")));
    }

    /// <summary>The elements without repetitions; the first of equal ones stays.</summary>
    public static object Unique(Interpreter interpreter, object? value, Arguments arguments)
    {
        bool isExact = arguments.Flag("case_sensitive");
        object? attribute = arguments.Get("attribute", null);
        var seen = new Mapping();
        return new Sequence(interpreter.Operators.Elements(value).FindAll(item =>
        {
            object? key = Key(interpreter, item, attribute, isExact);
            bool isNew = !seen.TryGet(key, out _);
            seen.Set(key, true);
            return isNew;
        }));
    }

    /// <summary>The entries of a dict as pairs, in order of their keys or values.</summary>
    public static object SortEntries(Interpreter interpreter, object? value, Arguments arguments)
    {
        if (value is not Mapping) throw Filters.Unfit("dictsort", value);
        bool isExact = arguments.Flag("case_sensitive");
        int position = (arguments.Text("by")?.Characters ?? "key") switch
        {
            "key" => 0,
            "value" => 1,
            var other => throw new TemplateFault($"'by' of 'dictsort' is not '{other}' but key or value"),
        };
        return new Sequence(Ordered(interpreter, Methods.Pairs(interpreter, value).Items, item => Key(interpreter, item, (long)position, isExact), arguments.Flag("reverse")));
    }

    /// <summary>The part of a value that <c>a.b.0</c> leads to.</summary>
    public static object? Attribute(Interpreter interpreter, object? item, object? path)
    {
        if (path is not Text names) return interpreter.Evaluator.ElementOf(item, path);
        foreach (string name in names.Characters.Split('.'))
            item = long.TryParse(name, out long index) ? interpreter.Evaluator.ElementOf(item, index) : interpreter.Evaluator.ElementOf(item, new Text(name));
        return item;
    }

    private static (string Name, Arguments Remaining) Named(Arguments arguments) => arguments.Positional[0] is Text name
        ? (name.Characters, arguments with { Callee = name.Characters, Positional = [.. arguments.Positional.Skip(1)] })
        : throw new TemplateFault($"'{arguments.Callee}' needs the name of a filter or test");

    /// <summary>Applies a filter or test from inside another, one level deeper.</summary>
    private static object? Nested(Interpreter interpreter, Builtin builtin, object? item, Arguments arguments)
    {
        interpreter.Meter.Enter();
        object? result = builtin.Apply(interpreter, item, arguments);
        interpreter.Meter.Leave();
        return result;
    }

    private static object? Key(Interpreter interpreter, object? item, object? attribute, bool isExact)
    {
        object? key = attribute is null ? item : Attribute(interpreter, item, attribute);
        if (key is not Text text) return key;
        interpreter.Meter.Copy(text.Characters.Length);
        return isExact ? key : text.Map(static s => s.ToLowerInvariant());
    }

    private static List<object?> Ordered(Interpreter interpreter, IEnumerable<object?> items, Func<object?, object?> key, bool isReverse)
    {
        var order = Comparer<object?>.Create((a, b) =>
        {
            interpreter.Meter.Spend(1);
            return interpreter.Operators.Order(a, b);
        });
        return [.. isReverse ? items.OrderByDescending(key, order) : items.OrderBy(key, order)];
    }
}
