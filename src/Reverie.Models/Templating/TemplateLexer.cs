using System.Buffers;

namespace Reverie.Models.Templating;

/// <summary>
/// Cuts a template into tokens, with the whitespace rules that transformers sets: <c>trim_blocks</c> (the line break after a block
/// goes) and <c>lstrip_blocks</c> (the indentation before a block goes); <c>-</c> removes all whitespace on its side, <c>+</c> none.
/// </summary>
internal sealed class TemplateLexer
{
    private static readonly SearchValues<string> _tags = SearchValues.Create(["{{", "{%", "{#"], StringComparison.Ordinal);
    private static readonly string[] _signs = ["**", "//", "==", "!=", "<=", ">="];

    private readonly string _source;
    private readonly List<TemplateToken> _tokens = [];
    private int _position, _line = 1, _counted;

    private TemplateLexer(string source)
    {
        source = source.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        _source = source.EndsWith('\n') ? source[..^1] : source;
    }

    private int Line
    {
        get
        {
            _line += _source.AsSpan(_counted, _position - _counted).Count('\n');
            _counted = _position;
            return _line;
        }
    }

    /// <summary>The tokens of a template; the last is <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateFault">A string or a tag does not end, or a sign is unknown.</exception>
    public static List<TemplateToken> Read(string source)
    {
        var lexer = new TemplateLexer(source);
        while (lexer.ReadTag()) { }
        return lexer._tokens;
    }

    private bool ReadTag()
    {
        int found = _source.AsSpan(_position).IndexOfAny(_tags);
        if (found < 0)
        {
            AddData(_position, _source.Length);
            _position = _source.Length;
            Add(TokenKind.End, "");
            return false;
        }

        int start = _position + found, body = start + 2;
        char kind = _source[start + 1], sign = At(body);
        if (sign is '-' or '+') body++;
        AddData(_position, TrimBefore(start, kind, sign));
        _position = start;
        if (kind == '#') SkipComment(body);
        else if (kind == '%' && WordAt(ref body, "raw")) ReadRaw(body);
        else ReadCode(kind, body);
        return true;
    }

    /// <summary>Where the text before a tag ends, once its whitespace is gone.</summary>
    private int TrimBefore(int tag, char kind, char sign)
    {
        int end = tag;
        if (sign == '-')
        {
            while (end > _position && Python.IsSpace(_source[end - 1])) end--;
        }
        else if (sign != '+' && kind != '{')
        {
            while (end > _position && _source[end - 1] != '\n' && Python.IsSpace(_source[end - 1])) end--;
            bool fromLineStart = end == 0 || _source[end - 1] == '\n';
            if (!fromLineStart) end = tag;
        }

        return end;
    }

    /// <summary>Steps over the end of a tag and the whitespace that goes with it.</summary>
    private void TrimAfter(char sign, bool isOutput)
    {
        if (sign == '-') while (_position < _source.Length && Python.IsSpace(_source[_position])) _position++;
        else if (sign != '+' && !isOutput && At(_position) == '\n') _position++;
    }

    private void SkipComment(int body)
    {
        int end = _source.IndexOf("#}", body, StringComparison.Ordinal);
        if (end < 0) throw Fault("the comment does not end: '#}' is missing");
        char sign = end > body ? _source[end - 1] : ' ';
        _position = end + 2;
        TrimAfter(sign, isOutput: false);
    }

    private void ReadRaw(int body)
    {
        char sign = At(body);
        if (sign is '-') body++;
        if (At(body) != '%' || At(body + 1) != '}') throw Fault("'raw' takes nothing: '%}' is missing");
        _position = body + 2;
        if (sign == '-') TrimAfter(sign, isOutput: false);
        for (int tag = _source.IndexOf("{%", _position, StringComparison.Ordinal); tag >= 0; tag = _source.IndexOf("{%", tag + 2, StringComparison.Ordinal))
        {
            int end = tag + 2;
            char before = At(end);
            if (before is '-' or '+') end++;
            if (!WordAt(ref end, "endraw")) continue;
            char after = At(end);
            if (after is '-' or '+') end++;
            if (At(end) != '%' || At(end + 1) != '}') continue;
            AddData(_position, TrimBefore(tag, '%', before));
            _position = end + 2;
            TrimAfter(after, isOutput: false);
            return;
        }

        throw Fault("the raw text does not end: 'endraw' is missing");
    }

    private void ReadCode(char kind, int body)
    {
        bool isOutput = kind == '{';
        Add(isOutput ? TokenKind.OutputStart : TokenKind.BlockStart, isOutput ? "{{" : "{%");
        _position = body;
        string close = isOutput ? "}}" : "%}";
        for (int open = 0; ;)
        {
            while (_position < _source.Length && Python.IsSpace(_source[_position])) _position++;
            if (_position == _source.Length) throw Fault($"the tag does not end: '{close}' is missing");
            char sign = At(_position);
            int end = sign == '-' || (sign == '+' && !isOutput) ? _position + 1 : _position;

            // Inside brackets it is the end of two dictionaries.
            if (open == 0 && string.CompareOrdinal(_source, end, close, 0, 2) == 0)
            {
                Add(isOutput ? TokenKind.OutputEnd : TokenKind.BlockEnd, close);
                _position = end + 2;
                TrimAfter(sign, isOutput);
                return;
            }

            if (sign is '(' or '[' or '{') open++;
            if (sign is ')' or ']' or '}') open = Math.Max(0, open - 1);
            ReadToken(sign);
        }
    }

    private void ReadToken(char first)
    {
        if (first is '"' or '\'') ReadString(first);
        else if (char.IsAsciiDigit(first)) ReadNumber();
        else if (first == '_' || char.IsLetter(first)) Take(TokenKind.Name, EndOf(_position, static c => c == '_' || char.IsLetterOrDigit(c)));
        else if (_signs.FirstOrDefault(s => string.CompareOrdinal(_source, _position, s, 0, s.Length) == 0) is { } sign) Take(TokenKind.Operator, _position + sign.Length);
        else if ("+-*/%~<>=()[]{},.:|".Contains(first)) Take(TokenKind.Operator, _position + 1);
        else throw Fault($"the sign '{first}' means nothing in a template");
    }

    private void ReadString(char quote)
    {
        int end = _position + 1;
        while (end < _source.Length && _source[end] != quote) end += _source[end] == '\\' ? 2 : 1;
        if (end >= _source.Length) throw Fault("the string does not end");
        Add(TokenKind.String, StringEscapes.Resolve(_source.AsSpan(_position + 1, end - _position - 1)));
        _position = end + 1;
    }

    private void ReadNumber()
    {
        static bool IsDigit(char c) => char.IsAsciiDigit(c) || c == '_';
        int end = EndOf(_position, IsDigit);
        bool isIndex = _tokens.Count > 0 && _tokens[^1].IsSign("."), isFloat = false;
        if (!isIndex && At(end) == '.' && char.IsAsciiDigit(At(end + 1)))
        {
            isFloat = true;
            end = EndOf(end + 1, IsDigit);
        }

        int exponent = At(end + 1) is '+' or '-' ? end + 2 : end + 1;
        if (!isIndex && At(end) is 'e' or 'E' && char.IsAsciiDigit(At(exponent)))
        {
            isFloat = true;
            end = EndOf(exponent, IsDigit);
        }

        Add(isFloat ? TokenKind.Float : TokenKind.Integer, _source[_position..end].Replace("_", "", StringComparison.Ordinal));
        _position = end;
    }

    private void Take(TokenKind kind, int end)
    {
        Add(kind, _source[_position..end]);
        _position = end;
    }

    private void Add(TokenKind kind, string value) => _tokens.Add(new TemplateToken(kind, value, Line));

    private void AddData(int start, int end)
    {
        if (end > start) Add(TokenKind.Data, _source[start..end]);
    }

    private bool WordAt(ref int position, string word)
    {
        int start = EndOf(position, Python.IsSpace), end = EndOf(start, char.IsLetterOrDigit);
        if (!_source.AsSpan(start, end - start).SequenceEqual(word)) return false;
        position = EndOf(end, Python.IsSpace);
        return true;
    }

    private int EndOf(int start, Func<char, bool> belongs)
    {
        while (start < _source.Length && belongs(_source[start])) start++;
        return start;
    }

    private char At(int position) => position < _source.Length ? _source[position] : '\0';

    private TemplateFault Fault(string what) => new(what) { Line = Line };
}
