namespace Reverie.Models.Templating;

/// <summary>Reads the statements of a template.</summary>
internal sealed class TemplateParser
{
    private readonly TokenReader _tokens;
    private readonly ExpressionParser _expressions;

    private TemplateParser(string source)
    {
        _tokens = new TokenReader(TemplateLexer.Read(source));
        _expressions = new ExpressionParser(_tokens);
    }

    /// <summary>The statements of a template.</summary>
    /// <exception cref="TemplateFault">It is no template, or uses what is not supported.</exception>
    public static IReadOnlyList<Statement> Read(string source)
    {
        var parser = new TemplateParser(source);
        (List<Statement> body, TemplateToken end) = parser.ReadBody();
        return end.Kind == TokenKind.End ? body : throw new TemplateFault($"'{end.Value}' ends what never began") { Line = end.Line };
    }

    /// <summary>Reads statements up to a tag that only continues or ends one; it is taken but not what follows its name.</summary>
    private (List<Statement> Body, TemplateToken End) ReadBody()
    {
        _expressions.Enter();
        List<Statement> body = [];
        while (true)
        {
            TemplateToken token = _tokens.Next();
            switch (token.Kind)
            {
                case TokenKind.Data:
                    body.Add(new Data(new Text(token.Value), token.Line));
                    break;
                case TokenKind.OutputStart:
                    body.Add(new Output(_expressions.ReadTuple(), token.Line));
                    _tokens.Expect(TokenKind.OutputEnd, "'}}'");
                    break;
                case TokenKind.BlockStart:
                    TemplateToken name = _tokens.Current;
                    _tokens.ExpectName();
                    if (ReadStatement(name) is not { } statement)
                    {
                        _expressions.Leave();
                        return (body, name);
                    }

                    body.Add(statement);
                    break;
                default:
                    _expressions.Leave();
                    return (body, token);
            }
        }
    }

    private Statement? ReadStatement(TemplateToken name)
    {
        switch (name.Value)
        {
            case "for": return ReadFor(name.Line);
            case "if": return ReadIf(name.Line);
            case "set": return ReadSet(name.Line);
            case "macro": return ReadMacro(name.Line);
            case "filter": return new FilterBlock(ReadFilters(), ReadBlock("endfilter"), name.Line);
            case "generation": return new Generated(ReadBlock("endgeneration"), name.Line);
            case "break" or "continue":
                EndTag();
                return new Jump(name.Value == "break", name.Line);
            case "elif" or "else" or "endfor" or "endif" or "endset" or "endfilter" or "endmacro" or "endgeneration": return null;
            default: throw new TemplateFault($"the statement '{name.Value}' is not supported") { Line = name.Line };
        }
    }

    private For ReadFor(int line)
    {
        Target target = ReadTarget();
        _tokens.ExpectWord("in");
        Expression items = _expressions.ReadTuple(allowConditional: false);
        Expression? condition = _tokens.SkipWord("if") ? _expressions.Read() : null;
        if (_tokens.Current.IsWord("recursive")) throw _tokens.Fault("recursive loops are not supported");
        EndTag();
        (List<Statement> body, TemplateToken end) = ReadBody();
        List<Statement> otherwise = [];
        if (end.IsWord("else"))
        {
            EndTag();
            (otherwise, end) = ReadBody();
        }

        Close(end, "endfor", line);
        return new For(target, items, condition, body, otherwise, line);
    }

    private If ReadIf(int line)
    {
        List<(Expression?, IReadOnlyList<Statement>)> branches = [];
        Expression? condition = _expressions.ReadTuple();
        while (true)
        {
            EndTag();
            (List<Statement> body, TemplateToken end) = ReadBody();
            branches.Add((condition, body));
            if (condition is not null && end.IsWord("elif")) condition = _expressions.ReadTuple();
            else if (condition is not null && end.IsWord("else")) condition = null;
            else
            {
                Close(end, "endif", line);
                return new If(branches, line);
            }
        }
    }

    private Statement ReadSet(int line)
    {
        Target target = ReadTarget();
        if (_tokens.SkipSign("="))
        {
            Expression value = _expressions.ReadTuple();
            EndTag();
            return new Set(target, value, line);
        }

        return new SetBlock(target, _tokens.SkipSign("|") ? ReadFilters() : [], ReadBlock("endset"), line);
    }

    /// <summary>Reads the filters that a block goes through.</summary>
    private List<Filter> ReadFilters()
    {
        List<Filter> filters = [];
        do filters.Add(_expressions.ReadFilter(new Constant(null, _tokens.Current.Line)));
        while (_tokens.SkipSign("|"));
        return filters;
    }

    private Macro ReadMacro(int line)
    {
        string name = _tokens.ExpectName();
        List<(string, Expression?)> parameters = [];
        _tokens.ExpectSign("(");
        while (!_tokens.SkipSign(")"))
        {
            if (parameters.Count > 0) _tokens.ExpectSign(",");
            string parameter = _tokens.ExpectName();
            parameters.Add((parameter, _tokens.SkipSign("=") ? _expressions.Read() : null));
        }

        return new Macro(name, parameters, ReadBlock("endmacro"), line);
    }

    private List<Statement> ReadBlock(string close)
    {
        int line = _tokens.Current.Line;
        EndTag();
        (List<Statement> body, TemplateToken end) = ReadBody();
        Close(end, close, line);
        return body;
    }

    private Target ReadTarget()
    {
        Target first = ReadSimpleTarget();
        if (!_tokens.Current.IsSign(",")) return first;
        List<Target> items = [first];
        while (_tokens.SkipSign(",") && !_tokens.Current.IsWord("in") && !_tokens.Current.IsSign("=")) items.Add(ReadSimpleTarget());
        return new TupleTarget(items);
    }

    private Target ReadSimpleTarget()
    {
        if (_tokens.SkipSign("("))
        {
            _expressions.Enter();
            Target inner = ReadTarget();
            _tokens.ExpectSign(")");
            _expressions.Leave();
            return inner;
        }

        string name = _tokens.ExpectName();
        return _tokens.SkipSign(".") ? new FieldTarget(name, _tokens.ExpectName()) : new NameTarget(name);
    }

    private void EndTag() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");

    private void Close(TemplateToken end, string expected, int line)
    {
        if (!end.IsWord(expected)) throw new TemplateFault($"'{expected}' is missing for line {line}, before {end}") { Line = end.Line };
        if (expected == "endmacro" && _tokens.Current.Kind == TokenKind.Name) _tokens.Next();
        EndTag();
    }
}
