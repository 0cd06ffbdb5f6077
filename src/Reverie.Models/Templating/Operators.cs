namespace Reverie.Models.Templating;

/// <summary>The operators of Python.</summary>
internal sealed class Operators(Meter meter, Writing writing)
{
    /// <summary>Arithmetic and <c>~</c>.</summary>
    /// <exception cref="TemplateFault">The types do not fit, the result is too large, or it divides by zero.</exception>
    public object? Apply(string sign, object? left, object? right) => (sign, left, right) switch
    {
        (_, Undefined undefined, _) when sign != "~" => throw Missing(undefined),
        (_, _, Undefined undefined) when sign != "~" => throw Missing(undefined),
        ("~", _, _) => Join(writing.Show(left), writing.Show(right)),
        ("+", Text a, Text b) => Join(a, b),
        ("+", Sequence a, Sequence b) when a.IsTuple == b.IsTuple => Join(a, b),
        ("*", Text a, long or bool) => Repeat(a, Whole(right)),
        ("*", long or bool, Text b) => Repeat(b, Whole(left)),
        ("*", Sequence a, long or bool) => Repeat(a, Whole(right)),
        ("*", long or bool, Sequence b) => Repeat(b, Whole(left)),
        (_, long or bool, long or bool) => Whole(sign, Whole(left), Whole(right)),
        (_, long or bool or double, long or bool or double) => Real(sign, Number(left), Number(right)),
        _ => throw new TemplateFault($"'{sign}' does not work between {Python.TypeOf(left)} and {Python.TypeOf(right)}"),
    };

    /// <summary><c>-a</c> and <c>+a</c>.</summary>
    public static object? Signed(bool isMinus, object? value) => value switch
    {
        long or bool when Whole(value) == long.MinValue => throw TooLarge(),
        long or bool => (object)(isMinus ? -Whole(value) : Whole(value)),
        double number => isMinus ? -number : number,
        Undefined undefined => throw Missing(undefined),
        _ => throw new TemplateFault($"'{(isMinus ? '-' : '+')}' does not work with {Python.TypeOf(value)}"),
    };

    /// <summary>The comparisons, <c>in</c> and <c>not in</c>.</summary>
    public bool Compare(string sign, object? left, object? right) => sign switch
    {
        "==" => AreEqual(left, right),
        "!=" => !AreEqual(left, right),
        "in" => Contains(right, left),
        "not in" => !Contains(right, left),
        "<" => Order(left, right) < 0,
        "<=" => Order(left, right) <= 0,
        ">" => Order(left, right) > 0,
        _ => Order(left, right) >= 0,
    };

    /// <summary><c>==</c>: of numbers by value, of all else by type and content.</summary>
    public bool AreEqual(object? left, object? right)
    {
        meter.Enter();
        bool equal = (left, right) switch
        {
            (Text a, Text b) => AreEqual(a, b),
            (long or bool, long or bool) => Whole(left) == Whole(right),
            (long or bool or double, long or bool or double) => Number(left) == Number(right),
            (Sequence a, Sequence b) => a.IsTuple == b.IsTuple && a.Items.Count == b.Items.Count && a.Items.Zip(b.Items).All(p => AreEqual(p.First, p.Second)),
            (Mapping a, Mapping b) => a.Entries.Count == b.Entries.Count && a.Entries.All(e => b.TryGet(e.Key, out object? other) && AreEqual(e.Value, other)),
            (Undefined, Undefined) => true,
            _ => ReferenceEquals(left, right),
        };
        meter.Leave();
        return equal;
    }

    /// <summary>Which of two values comes first: negative, zero or positive.</summary>
    /// <exception cref="TemplateFault">They have no order.</exception>
    public int Order(object? left, object? right)
    {
        meter.Spend(1);
        switch (left, right)
        {
            case (Undefined undefined, _): throw Missing(undefined);
            case (_, Undefined undefined): throw Missing(undefined);
            case (Text a, Text b):
                meter.Read(a);
                return string.CompareOrdinal(a.Characters, b.Characters);
            case (long or bool, long or bool): return Whole(left).CompareTo(Whole(right));
            case (long or bool or double, long or bool or double): return Number(left).CompareTo(Number(right));
            case (Sequence a, Sequence b) when a.IsTuple == b.IsTuple:
                meter.Enter();
                int order = 0;
                for (int i = 0; order == 0 && i < Math.Min(a.Items.Count, b.Items.Count); i++) order = Order(a.Items[i], b.Items[i]);
                meter.Leave();
                return order != 0 ? order : a.Items.Count.CompareTo(b.Items.Count);
            default: throw new TemplateFault($"{Python.TypeOf(left)} and {Python.TypeOf(right)} have no order");
        }
    }

    /// <summary>The elements that a loop goes over: those of a list, the keys of a dict, the characters of a text.</summary>
    /// <exception cref="TemplateFault">The value has none.</exception>
    public List<object?> Elements(object? value)
    {
        switch (value)
        {
            case Undefined: return [];
            case Sequence sequence:
                meter.Fill(sequence.Items.Count);
                return sequence.Items;
            case Mapping mapping:
                meter.Fill(mapping.Entries.Count);
                return [.. mapping.Entries.Keys];
            case Text text:
                meter.Fill(text.Length);
                return [.. Enumerable.Range(0, text.Length).Select(i => text.Slice(i, i + 1))];
            default: throw new TemplateFault($"a value of type {Python.TypeOf(value)} has no elements to go over");
        }
    }

    /// <summary>The fault of using what is not there.</summary>
    public static TemplateFault Missing(Undefined undefined) => new($"{undefined.What} is not defined");

    private bool Contains(object? container, object? value)
    {
        switch (container)
        {
            case Text text when value is Text part:
                meter.Search(text, part);
                return text.Characters.Contains(part.Characters, StringComparison.Ordinal);
            case Text: throw new TemplateFault($"'in' looks for a string in a string, not for {Python.TypeOf(value)}");
            case Mapping mapping:
                if (value is Text key) meter.Read(key);
                return mapping.TryGet(value, out _);
            default: return Elements(container).Exists(element => AreEqual(element, value));
        }
    }

    private bool AreEqual(Text a, Text b)
    {
        if (a.Characters.Length == b.Characters.Length) meter.Read(a);
        return a.Equals(b);
    }

    private Text Join(Text left, Text right)
    {
        if (left.Characters.Length == 0) return right;
        if (right.Characters.Length == 0) return left;
        var builder = new TextBuilder(meter);
        builder.Append(left);
        builder.Append(right);
        return builder.ToText();
    }

    private Sequence Join(Sequence left, Sequence right)
    {
        meter.Fill(left.Items.Count + right.Items.Count);
        return new Sequence([.. left.Items, .. right.Items], left.IsTuple);
    }

    private Text Repeat(Text text, long count)
    {
        count = text.Characters.Length == 0 ? 0 : Math.Clamp(count, 0, Meter.MaximumLength + 1L);
        meter.Copy(count * text.Characters.Length);
        var builder = new TextBuilder(meter);
        if (text.Runs.Length == 1) builder.Append(string.Concat(Enumerable.Repeat(text.Characters, (int)count)), text.Runs[0].Origin);
        else for (long i = 0; i < count; i++) builder.Append(text);
        return builder.ToText();
    }

    private Sequence Repeat(Sequence sequence, long count)
    {
        count = Math.Clamp(count, 0, Meter.MaximumCount + 1L);
        meter.Fill(count * sequence.Items.Count);
        return new Sequence([.. Enumerable.Repeat(sequence.Items, sequence.Items.Count == 0 ? 0 : (int)count).SelectMany(items => items)], sequence.IsTuple);
    }

    private static object Whole(string sign, long a, long b)
    {
        try
        {
            return sign switch
            {
                "+" => checked(a + b),
                "-" => checked(a - b),
                "*" => checked(a * b),
                "//" => FloorDivide(a, b),
                "%" => b == -1 ? 0L : a - (b * FloorDivide(a, b)),
                "**" when b >= 0 => Power(a, b),
                _ => (object)Real(sign, a, b),
            };
        }
        catch (OverflowException)
        {
            throw TooLarge();
        }
    }

    private static double Real(string sign, double a, double b) => sign switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / NotZero(b),
        "//" => Math.Floor(a / NotZero(b)),
        "%" => a - (b * Math.Floor(a / NotZero(b))),
        _ => Math.Pow(a, b),
    };

    private static long FloorDivide(long a, long b)
    {
        if (b == 0) NotZero(b);
        long quotient = checked(a / b);
        return a % b != 0 && (a < 0) != (b < 0) ? quotient - 1 : quotient;
    }

    private static long Power(long a, long b)
    {
        long result = 1;
        for (; b > 0; b >>= 1)
        {
            if ((b & 1) == 1) result = checked(result * a);
            if (b > 1) a = checked(a * a);
        }

        return result;
    }

    private static double NotZero(double divisor) => divisor != 0 ? divisor : throw new TemplateFault("it divides by zero");

    private static long Whole(object? value) => value is bool truth ? truth ? 1 : 0 : (long)value!;

    private static double Number(object? value) => value is double number ? number : Whole(value);

    private static TemplateFault TooLarge() => new("a whole number is too large");
}
