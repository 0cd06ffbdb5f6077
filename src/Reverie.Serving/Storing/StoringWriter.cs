using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Collects a stream beside writing it, and keeps it before it ends.</summary>
/// <param name="inner">Writes it.</param>
/// <param name="answers">Collect it.</param>
/// <param name="store">Keeps what was collected.</param>
internal sealed class StoringWriter(IReplyWriter inner, Answer[] answers, Func<Task> store) : IReplyWriter
{
    /// <inheritdoc/>
    public void Begin(EventStream stream) => inner.Begin(stream);

    /// <inheritdoc/>
    public void Write(EventStream stream, int index, ChatEvent part)
    {
        answers[index].Take(part);
        inner.Write(stream, index, part);
    }

    /// <inheritdoc/>
    public async ValueTask EndAsync(EventStream stream)
    {
        await store().ConfigureAwait(false);
        await inner.EndAsync(stream).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Fail(EventStream stream, ApiError error) => inner.Fail(stream, error);
}
