namespace Reverie.Models.Templating;

/// <summary>A part of a template that has a value.</summary>
/// <param name="Line">Where it stands, counted from 1.</param>
internal abstract record Expression(int Line);

/// <summary>A value that is written out.</summary>
internal sealed record Constant(object? Value, int Line) : Expression(Line);

/// <summary>The value of a variable.</summary>
internal sealed record Variable(string Name, int Line) : Expression(Line);

/// <summary><c>[a, b]</c> or <c>(a, b)</c>.</summary>
internal sealed record ListDisplay(IReadOnlyList<Expression> Items, bool IsTuple, int Line) : Expression(Line);

/// <summary><c>{a: b}</c>.</summary>
internal sealed record DictDisplay(IReadOnlyList<(Expression Key, Expression Value)> Items, int Line) : Expression(Line);

/// <summary><c>-a</c> or <c>+a</c>.</summary>
internal sealed record Sign(bool IsMinus, Expression Operand, int Line) : Expression(Line);

/// <summary><c>not a</c>.</summary>
internal sealed record Not(Expression Operand, int Line) : Expression(Line);

/// <summary><c>a and b</c> or <c>a or b</c>; its value is one of theirs.</summary>
internal sealed record Logic(bool IsAnd, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary>Arithmetic, and <c>~</c>.</summary>
internal sealed record Binary(string Sign, Expression Left, Expression Right, int Line) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>: every neighbouring pair must hold.</summary>
internal sealed record Comparison(Expression First, IReadOnlyList<(string Sign, Expression Operand)> Rest, int Line) : Expression(Line);

/// <summary><c>a if condition else b</c>; undefined where the condition fails and there is no <c>else</c>.</summary>
internal sealed record Conditional(Expression Condition, Expression Then, Expression? Else, int Line) : Expression(Line);

/// <summary><c>a.name</c>.</summary>
internal sealed record Member(Expression Target, string Name, int Line) : Expression(Line);

/// <summary><c>a[index]</c>.</summary>
internal sealed record Element(Expression Target, Expression Index, int Line) : Expression(Line);

/// <summary><c>a[from:to:step]</c>.</summary>
internal sealed record Slice(Expression Target, Expression? From, Expression? To, Expression? Step, int Line) : Expression(Line);

/// <summary><c>f(arguments)</c>.</summary>
internal sealed record Call(Expression Target, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>a | name(arguments)</c>.</summary>
internal sealed record Filter(Expression Target, string Name, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary><c>a is name(arguments)</c>.</summary>
internal sealed record Test(Expression Target, string Name, ArgumentList Arguments, int Line) : Expression(Line);

/// <summary>What stands in the brackets of a call.</summary>
internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    /// <summary>A call without arguments.</summary>
    public static ArgumentList Empty { get; } = new([], []);
}
