using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>Sends the answers to a request as they come.</summary>
internal static partial class ReplyStream
{
    /// <summary>
    /// Sends them to the end. A failure before the first event is thrown, so that it gets its own status; later ones are told in the
    /// stream. Where several events are there at once, they are sent together.
    /// </summary>
    public static async Task RunAsync(HttpContext context, ModelCall call, ServerOptions options, IAsyncEnumerable<ChoiceEvent> events, IReplyWriter writer)
    {
        using var stream = new EventStream(context.Response, options.WriteTimeout);
        IAsyncEnumerator<ChoiceEvent> source = events.GetAsyncEnumerator(CancellationToken.None);
        Task<bool>? first = null;
        ValueTask<bool> next = source.MoveNextAsync();
        bool isPending = true;
        try
        {
            if (!next.IsCompleted) next = new ValueTask<bool>(first = next.AsTask());
            if (first is not null) await WaitForFirstAsync(stream, first, options.PingInterval).ConfigureAwait(false);
            for (bool began = false; ; began = true)
            {
                isPending = false;
                if (!await next.ConfigureAwait(false)) break;
                if (!began) writer.Begin(stream);
                ChoiceEvent part = source.Current;
                if (part.Event is ChatEvent.Finished finished) call.Count(finished);
                if (part.Event is not ChatEvent.Finished { IsCancelled: true }) writer.Write(stream, part.Index, part.Event);
                next = source.MoveNextAsync();
                isPending = true;
                if (!next.IsCompleted || stream.IsFull) await stream.FlushAsync().ConfigureAwait(false);
            }

            await writer.EndAsync(stream).ConfigureAwait(false);
            call.Succeeded();
            await stream.FlushAsync().ConfigureAwait(false);
        }
        catch (Exception) when (stream.IsCut || context.RequestAborted.IsCancellationRequested)
        {
            // Nobody reads any more.
        }
        catch (Exception exception) when (stream.HasStarted)
        {
            ApiError error = call.Failed(exception);
            if (error.Status == StatusCodes.Status500InternalServerError)
                LogFailure(context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(ReplyStream)), exception, context.Request.Path);
            writer.Fail(stream, error);
            await stream.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            call.Stop();
            await SettleAsync(call, source, isPending ? next : source.MoveNextAsync()).ConfigureAwait(false);
            await source.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task WaitForFirstAsync(EventStream stream, Task<bool> first, TimeSpan ping)
    {
        while (!first.IsCompleted)
        {
            try
            {
                await first.WaitAsync(ping).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!first.IsCompleted)
            {
                stream.Ping();
                await stream.FlushAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>A stream must not be left while its next event is on the way, and what was cancelled is counted.</summary>
    private static async ValueTask SettleAsync(ModelCall call, IAsyncEnumerator<ChoiceEvent> source, ValueTask<bool> next)
    {
        try
        {
            for (; await next.ConfigureAwait(false); next = source.MoveNextAsync())
                if (source.Current.Event is ChatEvent.Finished finished) call.Count(finished);
        }
        catch (Exception)
        {
            // What failed was told already, or nobody listens.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A stream of {Path} failed.")]
    private static partial void LogFailure(ILogger logger, Exception exception, string path);
}
