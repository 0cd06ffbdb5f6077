using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>A request that is answered with an error.</summary>
/// <param name="status">The status of the answer.</param>
/// <param name="message">What is wrong and what to do.</param>
/// <param name="param">The field at fault; null for none.</param>
/// <param name="code">What programs tell the error by; null for none.</param>
internal sealed class ApiException(int status, string message, string? param = null, string? code = null) : Exception(message)
{
    /// <summary>The status of the answer.</summary>
    public int Status => status;

    /// <summary>The field at fault; null for none.</summary>
    public string? Param => param;

    /// <summary>What programs tell the error by; null for none.</summary>
    public string? Code => code;

    /// <summary>When it is worth another try; null where it is not.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>A field whose value makes no sense.</summary>
    public static ApiException Invalid(string? param, string message, string? code = null) => new(StatusCodes.Status400BadRequest, message, param, code);

    /// <summary>A field that asks for what this server cannot do. It is not ignored: the answer would not be what was asked for.</summary>
    public static ApiException Unsupported(string param, string message) => new(StatusCodes.Status400BadRequest, message, param, "unsupported_parameter");
}
