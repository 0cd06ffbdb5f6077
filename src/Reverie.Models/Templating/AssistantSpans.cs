namespace Reverie.Models.Templating;

/// <summary>
/// Which parts of a rendered conversation an assistant writes: all that it must produce once the prompt for its answer is given, and
/// the token that ends the answer.
/// </summary>
/// <param name="text">The conversation.</param>
/// <param name="specials">Its special tokens.</param>
/// <param name="messages">What it was made from.</param>
/// <param name="stops">Tokens at which an answer ends.</param>
internal sealed class AssistantSpans(Text text, IReadOnlyList<(int Start, int End, int Id)> specials, IReadOnlyList<Message> messages, IReadOnlyList<int> stops)
{
    private readonly List<(int Start, int End, int Message)> _inputs = Inputs(text);

    /// <summary>What stands inside <c>{% generation %}</c>; null where the template does not say.</summary>
    public static IReadOnlyList<(int Start, int End)>? Generated(Text text)
    {
        List<(int Start, int End)> spans = [];
        int start = 0;
        foreach (TextRun run in text.Runs)
        {
            if (run.Origin.IsGenerated && spans.Count > 0 && spans[^1].End == start) spans[^1] = (spans[^1].Start, run.End);
            else if (run.Origin.IsGenerated) spans.Add((start, run.End));
            start = run.End;
        }

        return spans.Count > 0 ? spans : null;
    }

    /// <summary>The spans, in order.</summary>
    /// <param name="answerStart">What the template writes before an answer; empty for nothing.</param>
    /// <param name="prompt">The prompt that the first so many messages are; null where the template refuses them.</param>
    public IReadOnlyList<(int Start, int End)> Find(string answerStart, Func<int, string?> prompt)
    {
        SortedDictionary<int, int> spans = [];
        foreach (int start in Starts(answerStart))
            if (End(start) is { } end) spans[start] = end;

        foreach ((int start, _, int message) in _inputs.Where(i => IsAssistant(i.Message)).DistinctBy(i => i.Message))
        {
            if (spans.Any(s => s.Key <= start && start < s.Value)) continue;
            int before = Before(message, start, prompt);
            if (End(before) is { } end) spans[before] = end;
        }

        return [.. spans.Select(s => (s.Key, s.Value))];
    }

    /// <summary>Where answers begin, by what the template writes before them.</summary>
    private IEnumerable<int> Starts(string answerStart)
    {
        if (answerStart.Length == 0) yield break;
        int start = 0;
        for (int i = 0; i < text.Runs.Length; i++)
        {
            TextRun run = text.Runs[i];
            if (!run.Origin.IsInput)
            {
                int last = run.End - answerStart.Length;
                for (int found = start; found <= last && (found = text.Characters.IndexOf(answerStart, found, run.End - found, StringComparison.Ordinal)) >= 0; found += answerStart.Length)
                    yield return found + answerStart.Length;
            }

            start = run.End;
        }
    }

    /// <summary>Where an answer begins that nothing announces: behind the prompt for it, or else with its first words.</summary>
    private int Before(int message, int first, Func<int, string?> prompt)
    {
        if (prompt(message) is { } question && question.Length <= first && text.Characters.StartsWith(question, StringComparison.Ordinal)) return question.Length;
        while (first > 0 && text.Characters[first - 1] == ' ') first--;
        return first;
    }

    /// <summary>Where the answer that begins here ends; null where what follows is not an answer.</summary>
    private int? End(int start)
    {
        int next = _inputs.Where(i => i.Start >= start && !IsAssistant(i.Message)).Select(i => i.Start).FirstOrDefault(text.Characters.Length);
        foreach ((int at, int end, int id) in specials)
            if (at >= start && at < next && stops.Contains(id)) return end;
        return _inputs.Where(i => i.Start >= start && i.End <= next).Select(i => (int?)i.End).LastOrDefault();
    }

    private bool IsAssistant(int message) => messages[message].Role == Role.Assistant;

    private static List<(int Start, int End, int Message)> Inputs(Text text)
    {
        List<(int, int, int)> inputs = [];
        int start = 0;
        foreach (TextRun run in text.Runs)
        {
            if (run.Origin.MessageIndex is { } message) inputs.Add((start, run.End, message));
            start = run.End;
        }

        return inputs;
    }
}
