using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Writes the pieces of a text that is continued.</summary>
/// <param name="id">The answer's id.</param>
/// <param name="call">The request to the model.</param>
/// <param name="echoes">What each text begins with.</param>
/// <param name="repeats">How many texts continue one prompt.</param>
/// <param name="usage">Whether a last piece tells the tokens.</param>
internal sealed class CompletionWriter(string id, ModelCall call, string[] echoes, int repeats, bool usage) : OpenAIStreamWriter(id, call, "text_completion", echoes.Length, usage, fingerprint: false, repeats)
{
    private readonly List<TokenLogProbability>[] _drawn = [.. echoes.Select(_ => new List<TokenLogProbability>())];
    private readonly int[] _offsets = [.. echoes.Select(e => e.Length)];

    /// <inheritdoc/>
    public override void Begin(EventStream stream)
    {
        for (int i = 0; i < echoes.Length; i++)
            if (echoes[i].Length > 0) Choice(stream, i, echoes[i], null);
    }

    /// <inheritdoc/>
    public override void Write(EventStream stream, int index, ChatEvent part)
    {
        if (part is ChatEvent.Drawn drawn) _drawn[index].AddRange(drawn.Tokens);
        else if (part is ChatEvent.Text text) Choice(stream, index, text.Value, null);
        else if (part is ChatEvent.Finished finished) Choice(stream, index, "", Ends[index] = finished);
    }

    private void Choice(EventStream stream, int index, string text, ChatEvent.Finished? end)
    {
        stream.Write(Head);
        stream.Write("{\"index\":"u8);
        stream.WriteNumber(index);
        stream.Write(",\"text\":"u8);
        stream.WriteString(text);
        stream.Write(",\"logprobs\":"u8);
        if (_drawn[index].Count > 0)
        {
            stream.WriteJson(CompletionsEndpoint.LogprobsOf(_drawn[index], ref _offsets[index]), ApiJson.Relaxed.CompletionLogprobs);
            _drawn[index].Clear();
        }
        else
        {
            stream.Write("null"u8);
        }

        stream.Write(",\"finish_reason\":"u8);
        if (end is null) stream.Write("null"u8);
        else stream.WriteString(Answer.ReasonOf(end));
        stream.Write("}]}\n\n"u8);
    }
}
