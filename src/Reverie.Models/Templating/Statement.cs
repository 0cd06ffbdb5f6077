namespace Reverie.Models.Templating;

/// <summary>A part of a template that does something.</summary>
/// <param name="Line">Where it stands, counted from 1.</param>
internal abstract record Statement(int Line);

/// <summary>Text between tags.</summary>
internal sealed record Data(Text Text, int Line) : Statement(Line);

/// <summary><c>{{ value }}</c>.</summary>
internal sealed record Output(Expression Value, int Line) : Statement(Line);

/// <summary><c>{% for target in items if condition %}</c>.</summary>
internal sealed record For(Target Target, Expression Items, Expression? Condition, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else, int Line) : Statement(Line);

/// <summary><c>{% if %}</c>, <c>{% elif %}</c>, and <c>{% else %}</c>, whose condition is null.</summary>
internal sealed record If(IReadOnlyList<(Expression? Condition, IReadOnlyList<Statement> Body)> Branches, int Line) : Statement(Line);

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed record Set(Target Target, Expression Value, int Line) : Statement(Line);

/// <summary><c>{% set target %}...{% endset %}</c>: what the body writes, through the filters after the name.</summary>
internal sealed record SetBlock(Target Target, IReadOnlyList<Filter> Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% filter name %}</c>: what the body writes, through filters.</summary>
internal sealed record FilterBlock(IReadOnlyList<Filter> Filters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% macro name(parameters) %}</c>.</summary>
internal sealed record Macro(string Name, IReadOnlyList<(string Name, Expression? Default)> Parameters, IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% generation %}</c>: what the assistant writes.</summary>
internal sealed record Generated(IReadOnlyList<Statement> Body, int Line) : Statement(Line);

/// <summary><c>{% break %}</c> or <c>{% continue %}</c>.</summary>
internal sealed record Jump(bool IsBreak, int Line) : Statement(Line);

/// <summary>What <c>set</c> and <c>for</c> give a value to.</summary>
internal abstract record Target;

/// <summary>A variable.</summary>
internal sealed record NameTarget(string Name) : Target;

/// <summary>Several at once, from the elements of one value.</summary>
internal sealed record TupleTarget(IReadOnlyList<Target> Items) : Target;

/// <summary>A field of a <c>namespace()</c>.</summary>
internal sealed record FieldTarget(string Namespace, string Field) : Target;
