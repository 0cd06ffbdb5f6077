using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Reverie.Models;

namespace Reverie.Chat;

/// <summary>
/// Reads one call <c>{"name": "...", "arguments": {...}}</c> as it comes: once the name is there, the arguments are passed on piece by
/// piece. A call in another order of keys is read at its end; what is no call is given back as text.
/// </summary>
/// <param name="index">Which call of the reply.</param>
/// <param name="isTagged">Whether it stands between tags.</param>
internal sealed partial class CallReader(int index, bool isTagged)
{
    private readonly StringBuilder _text = new();
    private int _told = -1, _depth;
    private bool _inString, _escaped, _complete;

    /// <summary>Whether it has become a call.</summary>
    public bool Began => _told >= 0;

    /// <summary>Takes a piece of what stands between the tags.</summary>
    public IEnumerable<ChatEvent> Append(string piece)
    {
        _text.Append(piece);
        if (!Began)
        {
            string text = _text.ToString();
            Match head = Head().Match(text);
            if (!head.Success || head.Index + head.Length == text.Length || text[head.Index + head.Length] != '{' || NameOf(head.Groups[1].Value) is not { } name) yield break;
            _told = head.Length;
            yield return Begin(name);
        }

        if (Arguments() is { Length: > 0 } more) yield return new ChatEvent.ToolArguments(index, more);
    }

    /// <summary>Ends the call.</summary>
    /// <param name="ended">Whether its closing tag was there.</param>
    public IEnumerable<ChatEvent> Finish(bool ended)
    {
        if (Began) yield break;
        string text = _text.ToString();
        if (Whole(text) is var (name, arguments))
        {
            _told = text.Length;
            yield return Begin(name);
            yield return new ChatEvent.ToolArguments(index, arguments);
        }
        else
        {
            yield return new ChatEvent.Text(isTagged ? SpecialToken.ToolCallStart + text + (ended ? SpecialToken.ToolCallEnd : "") : text);
        }
    }

    private ChatEvent.ToolCall Begin(string name) => new(index, $"call_{Guid.NewGuid():N}", name);

    /// <summary>What is new of the arguments' object, up to the brace that closes it.</summary>
    private string Arguments()
    {
        int start = _told;
        for (; !_complete && _told < _text.Length; _told++)
        {
            char c = _text[_told];
            if (_inString)
            {
                _inString = _escaped || c != '"';
                _escaped = !_escaped && c == '\\';
            }
            else if (c == '"') _inString = true;
            else if (c is '{' or '[') _depth++;
            else if (c is '}' or ']') _complete = --_depth == 0;
        }

        return _text.ToString(start, _told - start);
    }

    private static (string Name, string Arguments)? Whole(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement call = document.RootElement;
            if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String) return null;
            if (!call.TryGetProperty("arguments", out JsonElement arguments) && !call.TryGetProperty("parameters", out arguments)) return (name.GetString()!, "{}");
            return arguments.ValueKind switch
            {
                JsonValueKind.Object => (name.GetString()!, arguments.GetRawText()),

                // Some models write the object as a string, as OpenAI's interface has it.
                JsonValueKind.String => (name.GetString()!, arguments.GetString()!),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? NameOf(string literal)
    {
        try
        {
            return JsonSerializer.Deserialize<string>($"\"{literal}\"");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex("""^\s*\{\s*"name"\s*:\s*"((?:[^"\\]|\\.)*)"\s*,\s*"(?:arguments|parameters)"\s*:\s*""", RegexOptions.CultureInvariant)]
    private static partial Regex Head();
}
