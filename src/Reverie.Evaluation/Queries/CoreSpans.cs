namespace Reverie.Evaluation;

/// <summary>Which tokens of CORE's options are scored: those in which they differ, found among the tokens themselves.</summary>
internal static class CoreSpans
{
    /// <summary>
    /// Multiple choice: everything after the prefix that all options share. Schema: the suffix that all share. Language modelling:
    /// everything after the tokens of the prompt without the continuation.
    /// </summary>
    public static TokenSpan[] Of(QueryPrompt prompt, LogLikelihoodScorer scorer)
    {
        QueryItem item = prompt.Item;
        int[][] options = [.. Enumerable.Range(0, item.Options).Select(i => scorer.Encode(prompt.Context(i) + prompt.Continuation(i)))];
        if (item.Options == 1)
        {
            int[] without = scorer.Encode(PythonText.Trim(prompt.Context(0) + prompt.Delimiter));
            return [Span(options[0], options[0].AsSpan().CommonPrefixLength(without))];
        }

        if (item.Contexts.Count == 1) return [.. options.Select(o => Span(o, options.Min(other => o.AsSpan().CommonPrefixLength(other))))];
        int shared = options.Min(o => CommonSuffix(o, options[0]));
        return [.. options.Select(o => Span(o, o.Length - shared))];
    }

    /// <summary>At least one token is scored, and one stands before it, whatever the options share.</summary>
    private static TokenSpan Span(int[] tokens, int start) => new(tokens, Math.Clamp(start, 1, Math.Max(1, tokens.Length - 1)));

    private static int CommonSuffix(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int count = 0;
        while (count < a.Length && count < b.Length && a[^(count + 1)] == b[^(count + 1)]) count++;
        return count;
    }
}
