using System.Text;
using System.Text.Json;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>What the streams of both kinds of completions share: what all chunks of an answer begin with, encoded once, and how a stream ends.</summary>
/// <param name="id">The answer's id.</param>
/// <param name="call">The request to the model.</param>
/// <param name="kind">What the chunks call themselves.</param>
/// <param name="choices">How many answers.</param>
/// <param name="usage">Whether a last chunk tells the tokens.</param>
/// <param name="fingerprint">Whether chunks tell the hash of the weights.</param>
/// <param name="repeats">How many answers each prompt has; 0 where there is one prompt.</param>
internal abstract class OpenAIStreamWriter(string id, ModelCall call, string kind, int choices, bool usage, bool fingerprint, int repeats = 0) : IReplyWriter
{
    /// <summary>Up to the choices.</summary>
    protected byte[] Head { get; } = Encoding.UTF8.GetBytes(
        $"data: {{\"id\":\"{id}\",\"object\":\"{kind}\",\"created\":{call.Created},\"model\":{Quoted(call.ModelId)}{(fingerprint ? $",\"system_fingerprint\":{(call.Fingerprint is { } print ? Quoted(print) : "null")}" : "")},\"choices\":[");

    /// <summary>Whether a last chunk tells the tokens.</summary>
    protected bool TellsUsage => usage;

    /// <summary>How each answer ended; null while it has not.</summary>
    protected ChatEvent.Finished?[] Ends { get; } = new ChatEvent.Finished?[choices];

    /// <inheritdoc/>
    public abstract void Begin(EventStream stream);

    /// <inheritdoc/>
    public abstract void Write(EventStream stream, int index, ChatEvent part);

    /// <inheritdoc/>
    public ValueTask EndAsync(EventStream stream)
    {
        if (usage)
        {
            stream.Write(Head);
            stream.Write("],\"usage\":"u8);
            stream.WriteJson(Answer.UsageOf([.. Ends.OfType<ChatEvent.Finished>()], repeats), ApiJson.Default.UsagePart);
            stream.Write("}\n\n"u8);
        }

        stream.Write("data: [DONE]\n\n"u8);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Fail(EventStream stream, ApiError error)
    {
        stream.Write("data: "u8);
        stream.WriteError(error, anthropic: false);
        stream.Write("\n\ndata: [DONE]\n\n"u8);
    }

    private static string Quoted(string text) => JsonSerializer.Serialize(text, ApiJson.Relaxed.String);
}
