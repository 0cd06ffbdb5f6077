using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Reverie.Serving;

/// <summary>Answers every failure in the shape that the client knows: exceptions, routes that do not exist, methods that do not fit.</summary>
internal sealed partial class ErrorHandling(RequestDelegate next, ILogger<ErrorHandling> logger)
{
    private static long _requests;

    /// <summary>Runs the rest and answers what goes wrong.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"req_{Environment.ProcessId:x}{Environment.TickCount64:x}{Interlocked.Increment(ref _requests):x}");
        context.Response.Headers["x-request-id"] = context.Response.Headers["request-id"] = id;
        try
        {
            await next(context).ConfigureAwait(false);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null } && !WantsPage(context.Request))
                await OfStatus(context).WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (!context.Response.HasStarted && (exception is ConnectionResetException or ConnectionAbortedException || context.RequestAborted.IsCancellationRequested))
        {
            // Nobody reads the answer.
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            var error = ApiError.Of(exception);
            if (error.Status == StatusCodes.Status500InternalServerError) LogFailure(logger, exception, context.Request.Path, id);
            await error.WriteAsync(context).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException || context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private static bool WantsPage(HttpRequest request) => request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private static ApiError OfStatus(HttpContext context) => context.Response.StatusCode switch
    {
        404 => new ApiError(404, $"There is nothing at {context.Request.Method} {Shown(context.Request.Path)}. The API is described at /openapi/v1.json.", null, "unknown_url"),
        405 => new ApiError(405, $"{Shown(context.Request.Path)} does not take {context.Request.Method}; it takes {context.Response.Headers.Allow}.", null, "method_not_allowed"),
        int status => new ApiError(status, $"The request was answered with status {status}."),
    };

    private static string Shown(PathString path)
    {
        string text = path.ToUriComponent();
        return text.Length <= 200 ? text : text[..200] + "...";
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "{Path} failed ({RequestId}).")]
    private static partial void LogFailure(ILogger logger, Exception exception, string path, string requestId);
}
