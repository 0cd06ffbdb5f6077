using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Writes the events of a reply as an interface's clients expect them.</summary>
internal interface IReplyWriter
{
    /// <summary>The first event is there.</summary>
    void Begin(EventStream stream);

    /// <summary>Writes an event.</summary>
    /// <param name="stream">Where to.</param>
    /// <param name="index">Of which answer.</param>
    /// <param name="part">The event.</param>
    void Write(EventStream stream, int index, ChatEvent part);

    /// <summary>All answers are complete.</summary>
    ValueTask EndAsync(EventStream stream);

    /// <summary>Something failed after the stream had begun.</summary>
    void Fail(EventStream stream, ApiError error);
}
