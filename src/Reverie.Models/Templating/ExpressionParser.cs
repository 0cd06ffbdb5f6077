using System.Globalization;

namespace Reverie.Models.Templating;

/// <summary>
/// Reads expressions, from the loosest binding to the tightest: <c>if else</c>, <c>or</c>, <c>and</c>, <c>not</c>, comparisons,
/// arithmetic, signs, and what follows a value: <c>.name</c>, <c>[index]</c>, <c>(call)</c>, <c>| filter</c>, <c>is test</c>.
/// </summary>
internal sealed class ExpressionParser(TokenReader tokens)
{
    private static readonly string[][] _arithmetic = [["+", "-"], ["~"], ["*", "/", "//", "%"], ["**"]];
    private static readonly string[] _comparisons = ["==", "!=", "<", "<=", ">", ">="];

    private readonly Meter _meter = new();

    /// <summary>Reads an expression.</summary>
    public Expression Read()
    {
        Enter();
        Expression value = ReadOr();
        while (tokens.Current.IsWord("if"))
        {
            int line = tokens.Next().Line;
            Expression condition = ReadOr();
            value = new Conditional(condition, value, tokens.SkipWord("else") ? Read() : null, line);
        }

        _meter.Leave();
        return value;
    }

    /// <summary>Reads an expression or a tuple of some without brackets.</summary>
    public Expression ReadTuple(bool allowConditional = true)
    {
        int line = tokens.Current.Line;
        Expression first = allowConditional ? Read() : ReadOr();
        if (!tokens.Current.IsSign(",")) return first;
        List<Expression> items = [first];
        while (tokens.SkipSign(",") && !IsEnd()) items.Add(allowConditional ? Read() : ReadOr());
        return new ListDisplay(items, IsTuple: true, line);
    }

    /// <summary>Reads the filter that <c>|</c> announced.</summary>
    public Filter ReadFilter(Expression target)
    {
        int line = tokens.Current.Line;
        string name = tokens.ExpectName();
        if (!Filters.All.ContainsKey(name)) throw new TemplateFault($"the filter '{name}' is not supported") { Line = line };
        return new Filter(target, name, tokens.Current.IsSign("(") ? ReadArguments() : ArgumentList.Empty, line);
    }

    /// <summary>Goes one level deeper; the statements around do so too.</summary>
    public void Enter()
    {
        try
        {
            _meter.Enter();
        }
        catch (TemplateFault fault)
        {
            throw tokens.Fault(fault.Message);
        }
    }

    /// <summary>Comes back from <see cref="Enter"/>.</summary>
    public void Leave() => _meter.Leave();

    private bool IsEnd() => tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.OutputEnd || tokens.Current.IsSign(")") || tokens.Current.IsWord("if");

    private Expression ReadOr()
    {
        Expression left = ReadAnd();
        while (tokens.Current.IsWord("or")) left = new Logic(false, left, Right: Skipped(ReadAnd, out int line), line);
        return left;
    }

    private Expression ReadAnd()
    {
        Expression left = ReadNot();
        while (tokens.Current.IsWord("and")) left = new Logic(true, left, Right: Skipped(ReadNot, out int line), line);
        return left;
    }

    private Expression ReadNot()
    {
        if (!tokens.Current.IsWord("not")) return ReadComparison();
        Enter();
        Expression operand = Skipped(ReadNot, out int line);
        _meter.Leave();
        return new Not(operand, line);
    }

    private Expression ReadComparison()
    {
        int line = tokens.Current.Line;
        Expression first = ReadArithmetic(0);
        List<(string, Expression)> rest = [];
        while (ComparisonSign() is { } sign) rest.Add((sign, ReadArithmetic(0)));
        return rest.Count == 0 ? first : new Comparison(first, rest, line);
    }

    private string? ComparisonSign()
    {
        if (tokens.Current.Kind == TokenKind.Operator && _comparisons.Contains(tokens.Current.Value)) return tokens.Next().Value;
        if (tokens.SkipWord("in")) return "in";
        if (!tokens.SkipWord("not")) return null;
        tokens.ExpectWord("in");
        return "not in";
    }

    private Expression ReadArithmetic(int level)
    {
        if (level == _arithmetic.Length) return ReadSigned(withFilters: true);
        Expression left = ReadArithmetic(level + 1);
        while (tokens.Current.Kind == TokenKind.Operator && _arithmetic[level].Contains(tokens.Current.Value))
        {
            TemplateToken sign = tokens.Next();
            left = new Binary(sign.Value, left, ReadArithmetic(level + 1), sign.Line);
        }

        return left;
    }

    private Expression ReadSigned(bool withFilters)
    {
        Expression value;
        if (tokens.Current.IsSign("-") || tokens.Current.IsSign("+"))
        {
            Enter();
            TemplateToken sign = tokens.Next();
            value = new Sign(sign.Value == "-", ReadSigned(withFilters: false), sign.Line);
            _meter.Leave();
        }
        else
        {
            value = ReadPrimary();
        }

        value = ReadPostfixes(value);
        return withFilters ? ReadFiltersAndTests(value) : value;
    }

    private Expression ReadPrimary()
    {
        TemplateToken token = tokens.Next();
        switch (token.Kind)
        {
            case TokenKind.Name:
                return token.Value switch
                {
                    "true" or "True" => new Constant(true, token.Line),
                    "false" or "False" => new Constant(false, token.Line),
                    "none" or "None" => new Constant(null, token.Line),
                    _ => new Variable(token.Value, token.Line),
                };
            case TokenKind.String:
                string text = token.Value;
                while (tokens.Current.Kind == TokenKind.String) text += tokens.Next().Value;
                return new Constant(new Text(text), token.Line);
            case TokenKind.Integer:
                return new Constant(long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long whole) ? whole : throw new TemplateFault($"the number {token} is too large") { Line = token.Line }, token.Line);
            case TokenKind.Float:
                return new Constant(double.Parse(token.Value, CultureInfo.InvariantCulture), token.Line);
            case TokenKind.Operator when token.Value == "(":
                if (tokens.SkipSign(")")) return new ListDisplay([], IsTuple: true, token.Line);
                Expression inner = ReadTuple();
                tokens.ExpectSign(")");
                return inner;
            case TokenKind.Operator when token.Value == "[":
                return new ListDisplay(ReadItems("]", Read), IsTuple: false, token.Line);
            case TokenKind.Operator when token.Value == "{":
                return new DictDisplay(ReadItems("}", ReadPair), token.Line);
            default:
                throw new TemplateFault($"a value is missing before {token}") { Line = token.Line };
        }
    }

    private (Expression Key, Expression Value) ReadPair()
    {
        Expression key = Read();
        tokens.ExpectSign(":");
        return (key, Read());
    }

    private List<T> ReadItems<T>(string close, Func<T> read)
    {
        List<T> items = [];
        while (!tokens.SkipSign(close))
        {
            if (items.Count > 0) tokens.ExpectSign(",");
            if (tokens.SkipSign(close)) break;
            items.Add(read());
        }

        return items;
    }

    private Expression ReadPostfixes(Expression value)
    {
        while (true)
        {
            int line = tokens.Current.Line;
            if (tokens.Current.IsSign("(")) value = new Call(value, ReadArguments(), line);
            else if (tokens.SkipSign(".")) value = ReadMember(value, line);
            else if (tokens.SkipSign("[")) value = ReadSubscript(value, line);
            else return value;
        }
    }

    private Expression ReadMember(Expression target, int line)
    {
        if (tokens.Current.Kind != TokenKind.Integer) return new Member(target, tokens.ExpectName(), line);
        return new Element(target, ReadPrimary(), line);
    }

    private Expression ReadSubscript(Expression target, int line)
    {
        Expression? from = null, to = null, step = null;
        if (!tokens.Current.IsSign(":"))
        {
            from = ReadTuple();
            if (tokens.SkipSign("]")) return new Element(target, from, line);
        }

        tokens.ExpectSign(":");
        if (!tokens.Current.IsSign(":") && !tokens.Current.IsSign("]")) to = Read();
        if (tokens.SkipSign(":") && !tokens.Current.IsSign("]")) step = Read();
        tokens.ExpectSign("]");
        return new Slice(target, from, to, step, line);
    }

    private Expression ReadFiltersAndTests(Expression value)
    {
        while (true)
        {
            int line = tokens.Current.Line;
            if (tokens.SkipSign("|")) value = ReadFilter(value);
            else if (tokens.SkipWord("is")) value = ReadTest(value, line);
            else if (tokens.Current.IsSign("(")) value = new Call(value, ReadArguments(), line);
            else return value;
        }
    }

    private Expression ReadTest(Expression target, int line)
    {
        bool isNegated = tokens.SkipWord("not");
        string name = tokens.ExpectName();
        if (!Tests.All.ContainsKey(name)) throw new TemplateFault($"the test '{name}' is not supported") { Line = line };
        ArgumentList arguments = ArgumentList.Empty;
        if (tokens.Current.IsSign("(")) arguments = ReadArguments();
        else if (StartsTestArgument()) arguments = new ArgumentList([ReadPostfixes(ReadPrimary())], []);
        var test = new Test(target, name, arguments, line);
        return isNegated ? new Not(test, line) : test;
    }

    private bool StartsTestArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => tokens.Current.Value is not ("else" or "or" or "and" or "if" or "is" or "in" or "not"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        _ => tokens.Current.IsSign("[") || tokens.Current.IsSign("{"),
    };

    private ArgumentList ReadArguments()
    {
        tokens.ExpectSign("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        ReadItems(")", () =>
        {
            if (tokens.Current.IsSign("*") || tokens.Current.IsSign("**")) throw tokens.Fault("arguments with '*' are not supported");
            Expression value = Read();
            if (value is Variable name && tokens.SkipSign("=")) named.Add((name.Name, Read()));
            else if (named.Count > 0) throw tokens.Fault("an argument without a name follows one with a name");
            else positional.Add(value);
            return value;
        });
        return new ArgumentList(positional, named);
    }

    private T Skipped<T>(Func<T> read, out int line)
    {
        line = tokens.Next().Line;
        return read();
    }
}
