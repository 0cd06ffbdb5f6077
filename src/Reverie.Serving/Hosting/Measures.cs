using System.Diagnostics;
using System.Diagnostics.Metrics;
using Reverie.Chat;

namespace Reverie.Serving;

/// <summary>What is counted, by the names of OpenTelemetry's conventions for generative AI where they have one. Nothing of what is said is in it.</summary>
internal sealed class Measures : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Reverie.Serving";

    private readonly Meter _meter = new(MeterName);
    private readonly Histogram<double> _duration, _toFirst, _perToken;
    private readonly Histogram<long> _tokens;
    private int _running;

    /// <summary>Creates the instruments.</summary>
    /// <param name="catalog">Says what its models have to do.</param>
    public Measures(ModelCatalog catalog)
    {
        _duration = _meter.CreateHistogram("gen_ai.server.request.duration", "s", "Time of requests.", advice: Seconds(0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92));
        _toFirst = _meter.CreateHistogram("gen_ai.server.time_to_first_token", "s", "Time to the first token.", advice: Seconds(0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10));
        _perToken = _meter.CreateHistogram("gen_ai.server.time_per_output_token", "s", "Time of each token after the first.", advice: Seconds(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5));
        _tokens = _meter.CreateHistogram<long>("gen_ai.client.token.usage", "{token}", "Tokens of prompts and answers.", advice: new InstrumentAdvice<long> { HistogramBucketBoundaries = [1, 4, 16, 64, 256, 1024, 4096, 16384, 65536, 262144, 1048576] });
        _meter.CreateObservableGauge("reverie.requests.active", () => _running, "{request}", "Requests to models that run or wait.");
        _meter.CreateObservableGauge("reverie.sequences.running", () => catalog.Load.Running, "{sequence}", "Sequences that are being decoded.");
        _meter.CreateObservableGauge("reverie.sequences.waiting", () => catalog.Load.Waiting, "{sequence}", "Sequences that wait for a place.");
        _meter.CreateObservableGauge("reverie.cache.pages.used", () => catalog.Load.UsedPages, "{page}", "Pages of keys and values that sequences use.");
        _meter.CreateObservableGauge("reverie.cache.pages.limit", () => catalog.Load.Pages, "{page}", "Pages of keys and values in all.");
    }

    /// <summary>Whether an instrument is one of these, and not another server's of the same name.</summary>
    public bool Has(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>A request to a model has come.</summary>
    public void Begin() => Interlocked.Increment(ref _running);

    /// <summary>It has ended.</summary>
    /// <param name="operation">What was asked for: chat, text_completion or embeddings.</param>
    /// <param name="model">The model; null where it came to none.</param>
    /// <param name="began">When it came, by <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="error">The status that it ended with where it failed; null where it did not.</param>
    public void End(string operation, string? model, long began, string? error)
    {
        Interlocked.Decrement(ref _running);
        TagList tags = Tags(operation, model);
        if (error is not null) tags.Add("error.type", error);
        _duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, tags);
    }

    /// <summary>A reply is complete.</summary>
    public void Reply(string operation, string model, ReplyTimings timings)
    {
        TagList tags = Tags(operation, model);
        if (timings.AnswerTokens > 0) _toFirst.Record(timings.PromptSeconds, tags);
        if (timings.AnswerTokens > 1) _perToken.Record(timings.AnswerSeconds / (timings.AnswerTokens - 1), tags);
        Tokens(operation, model, timings.PromptTokens, timings.AnswerTokens);
    }

    /// <summary>Tokens were read and written.</summary>
    public void Tokens(string operation, string model, long prompt, long answer)
    {
        TagList tags = Tags(operation, model);
        tags.Add("gen_ai.token.type", "input");
        _tokens.Record(prompt, tags);
        if (answer == 0) return;
        tags = Tags(operation, model);
        tags.Add("gen_ai.token.type", "output");
        _tokens.Record(answer, tags);
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private static TagList Tags(string operation, string? model)
    {
        var tags = new TagList { { "gen_ai.operation.name", operation }, { "gen_ai.provider.name", "reverie" } };
        if (model is not null) tags.Add("gen_ai.response.model", model);
        return tags;
    }

    private static InstrumentAdvice<double> Seconds(params double[] bounds) => new() { HistogramBucketBoundaries = bounds };
}
