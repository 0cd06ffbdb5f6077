using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Reverie.Serving;

/// <summary>What a key has used of its limits. Any thread may call it.</summary>
internal sealed class KeyMeter(KeyLimits limits, TimeProvider clock)
{
    private readonly Lock _lock = new();
    private readonly Allowance _requests = new(limits.RequestsPerMinute, clock), _tokens = new(limits.TokensPerMinute, clock);
    private int _running;

    /// <summary>The limits that it counts by.</summary>
    public KeyLimits Limits => limits;

    /// <summary>Lets a request in, or says why not.</summary>
    /// <exception cref="ApiException">A limit is reached: 429 with the time after which it is not.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (_running >= limits.Concurrent) throw Refused($"This key may have {limits.Concurrent} requests at once, and they are running. Wait for one to end.", TimeSpan.FromSeconds(1));
            if (_requests.Limit is not null && _requests.Level < 1) throw Refused($"This key may send {limits.RequestsPerMinute} requests a minute.", _requests.Until(1));
            if (_tokens.Limit is not null && _tokens.Level < 1) throw Refused($"This key may use {limits.TokensPerMinute} tokens a minute.", _tokens.Until(1));
            _requests.Take(1);
            _running++;
        }
    }

    /// <summary>Counts tokens.</summary>
    public void Take(long tokens)
    {
        lock (_lock) _tokens.Take(tokens);
    }

    /// <summary>A request has ended.</summary>
    public void Leave()
    {
        lock (_lock) _running--;
    }

    /// <summary>Tells what is left, by the names that OpenAI's clients know.</summary>
    public void Describe(IHeaderDictionary headers)
    {
        lock (_lock)
        {
            Describe(headers, _requests, "requests");
            Describe(headers, _tokens, "tokens");
        }
    }

    private static void Describe(IHeaderDictionary headers, Allowance allowance, string of)
    {
        if (allowance.Limit is not { } limit) return;
        headers[$"x-ratelimit-limit-{of}"] = limit.ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-remaining-{of}"] = Math.Max(0, (long)allowance.Level).ToString(CultureInfo.InvariantCulture);
        headers[$"x-ratelimit-reset-{of}"] = string.Create(CultureInfo.InvariantCulture, $"{allowance.Until(limit).TotalSeconds:0.###}s");
    }

    private static ApiException Refused(string message, TimeSpan retryAfter) =>
        new(StatusCodes.Status429TooManyRequests, $"{message} Try again in {Math.Ceiling(retryAfter.TotalSeconds)} s.", code: "rate_limit_exceeded") { RetryAfter = retryAfter };
}
