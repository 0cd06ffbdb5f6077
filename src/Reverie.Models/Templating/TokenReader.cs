namespace Reverie.Models.Templating;

/// <summary>Walks over the tokens of a template.</summary>
internal sealed class TokenReader(List<TemplateToken> tokens)
{
    private int _position;

    /// <summary>The token that is next.</summary>
    public TemplateToken Current => tokens[_position];

    /// <summary>Takes the next token.</summary>
    public TemplateToken Next() => _position + 1 < tokens.Count ? tokens[_position++] : tokens[_position];

    /// <summary>Takes the next token if it is this sign.</summary>
    public bool SkipSign(string sign) => Skip(Current.IsSign(sign));

    /// <summary>Takes the next token if it is this word.</summary>
    public bool SkipWord(string word) => Skip(Current.IsWord(word));

    /// <summary>Takes the next token, which must be this sign.</summary>
    public void ExpectSign(string sign)
    {
        if (!SkipSign(sign)) throw Fault($"'{sign}' is missing before {Current}");
    }

    /// <summary>Takes the next token, which must be this word.</summary>
    public void ExpectWord(string word)
    {
        if (!SkipWord(word)) throw Fault($"'{word}' is missing before {Current}");
    }

    /// <summary>Takes the next token, which must be a name.</summary>
    public string ExpectName() => Current.Kind == TokenKind.Name ? Next().Value : throw Fault($"a name is missing before {Current}");

    /// <summary>Takes the next token, which must be of this kind.</summary>
    public void Expect(TokenKind kind, string what)
    {
        if (!Skip(Current.Kind == kind)) throw Fault($"{what} is missing before {Current}");
    }

    /// <summary>A fault at the next token.</summary>
    public TemplateFault Fault(string what) => new(what) { Line = Current.Line };

    private bool Skip(bool matches)
    {
        if (matches) Next();
        return matches;
    }
}
