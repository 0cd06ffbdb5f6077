using Reverie.Models;

namespace Reverie.Chat;

/// <summary>
/// Tells reasoning, answer and tool calls apart in a reply that comes in pieces. The events are the same however the text is cut, but
/// for where their texts are cut.
/// </summary>
/// <remarks>White space around reasoning and calls belongs to neither: it is dropped.</remarks>
/// <param name="readsCalls">Whether <c>&lt;tool_call&gt;</c> begins a call; else it is only text.</param>
internal sealed class ReplyParser(bool readsCalls)
{
    private enum State { Answer, Reasoning, Call, BareCall }

    private State _state;
    private StopStringScanner _scanner = ScannerFor(State.Answer, readsCalls);
    private CallReader? _call;
    private string _space = "";
    private bool _said, _follows;

    /// <summary>Calls that have begun.</summary>
    public int Calls { get; private set; }

    /// <summary>Takes a piece.</summary>
    public IEnumerable<ChatEvent> Append(string text)
    {
        while (true)
        {
            foreach (ChatEvent part in Read(_scanner.Append(text))) yield return part;
            if (_scanner.Found is not { } tag) yield break;
            text = _scanner.Rest;
            foreach (ChatEvent part in Leave(ended: true)) yield return part;
            Enter(tag switch
            {
                SpecialToken.ThinkStart => State.Reasoning,
                SpecialToken.ToolCallStart => State.Call,
                _ => State.Answer,
            });
        }
    }

    /// <summary>Ends the reply. A call that has no end is told as far as it came, or as text where it never became one.</summary>
    public IEnumerable<ChatEvent> Finish()
    {
        foreach (ChatEvent part in Read(_scanner.Flush())) yield return part;
        foreach (ChatEvent part in Leave(ended: false)) yield return part;
    }

    private static StopStringScanner ScannerFor(State state, bool readsCalls) => new(state switch
    {
        State.Reasoning => [SpecialToken.ThinkEnd],
        State.Call => [SpecialToken.ToolCallEnd],
        _ when readsCalls => [SpecialToken.ThinkStart, SpecialToken.ToolCallStart],
        _ => [SpecialToken.ThinkStart],
    });

    private void Enter(State state)
    {
        (_state, _scanner, _space, _said, _follows) = (state, ScannerFor(state, readsCalls), "", false, true);
        if (state == State.Call) _call = new CallReader(Calls, isTagged: true);
    }

    private IEnumerable<ChatEvent> Read(string text)
    {
        if (readsCalls && _state == State.Answer && !_said && (_space + text).AsSpan().TrimStart() is ['{', ..])
        {
            // Llama's models write a call as the whole answer, without tags.
            (_state, text) = (State.BareCall, _space + text);
            _call = new CallReader(Calls, isTagged: false);
        }

        if (_call is not null)
        {
            foreach (ChatEvent part in _call.Append(text)) yield return part;
            yield break;
        }

        // White space waits until something follows it; at the start it is only kept where nothing stood before.
        text = _space + text;
        int end = text.AsSpan().TrimEnd().Length;
        _space = text[end..];
        string certain = _said || (!_follows && _state == State.Answer) ? text[..end] : text[..end].TrimStart();
        if (certain.Length == 0) yield break;
        _said = true;
        yield return _state == State.Reasoning ? new ChatEvent.Reasoning(certain) : new ChatEvent.Text(certain);
    }

    private IEnumerable<ChatEvent> Leave(bool ended)
    {
        if (_call is not null)
        {
            foreach (ChatEvent part in _call.Finish(ended)) yield return part;
            if (_call.Began) Calls++;
            _call = null;
        }
        else if (!ended && _state == State.Answer && _space.Length > 0 && _said)
        {
            yield return new ChatEvent.Text(_space);
        }
    }
}
