namespace Reverie.Models.Templating;

/// <summary>
/// Turns a rendered conversation into tokens. Special tokens are recognised in what the template wrote, and the assistant's own tags
/// in what the assistant said; all else is plain text, which no special token comes from.
/// </summary>
/// <param name="tokenizer">The model's.</param>
internal sealed class ConversationEncoder(Tokenizer tokenizer)
{
    private readonly SpecialTokenMatcher _matcher = new(tokenizer.Definition.Specials.Select(s => (s.Value.Text, s.Key, s.Value)));

    /// <summary>The special tokens of a rendered conversation, in order.</summary>
    /// <param name="text">The conversation.</param>
    /// <param name="isAssistant">Whether a message, by its number, is the assistant's.</param>
    public List<(int Start, int End, int Id)> FindSpecials(Text text, Func<int, bool> isAssistant)
    {
        List<(int Start, int End, int Id)> found = [];
        ReadOnlySpan<TextRun> runs = text.Runs;
        int start = 0;
        for (int i = 0; i < runs.Length; i++)
        {
            // What stands inside {% generation %} and what does not may share a token.
            int source = runs[i].Origin.Source;
            if (i + 1 < runs.Length && runs[i + 1].Origin.Source == source) continue;
            string part = text.Characters[start..runs[i].End];
            if (!runs[i].Origin.IsInput) Add(_matcher.Find(part), start);
            else if (runs[i].Origin.MessageIndex is { } message && isAssistant(message)) Add(AssistantTags.Find(tokenizer, part), start);
            start = runs[i].End;
        }

        return found;

        void Add(IEnumerable<(int Start, int End, int Id)> tokens, int offset)
        {
            foreach ((int begin, int end, int id) in tokens) found.Add((begin + offset, end + offset, id));
        }
    }

    /// <summary>The tokens of a rendered conversation.</summary>
    /// <param name="text">The conversation, or a part of one.</param>
    /// <param name="specials">Its special tokens: see <see cref="FindSpecials"/>.</param>
    /// <param name="written">Which parts the assistant wrote, in order; a token never goes over their edges.</param>
    /// <param name="isFirst">Whether nothing stands before it.</param>
    public TokenizedConversation Encode(string text, IReadOnlyList<(int Start, int End, int Id)> specials, IReadOnlyList<(int Start, int End)> written, bool isFirst)
    {
        List<int> tokens = [];
        List<bool> fromAssistant = [];
        int done = 0, range = 0;
        foreach ((int start, int end, int id) in specials)
        {
            EncodePlain(start);
            tokens.Add(id);
            Mark(IsWritten(start));
            done = end;
        }

        EncodePlain(text.Length);
        return new TokenizedConversation([.. tokens], [.. fromAssistant]);

        void EncodePlain(int end)
        {
            while (done < end)
            {
                bool isWritten = IsWritten(done);
                int edge = range == written.Count ? end : isWritten ? written[range].End : written[range].Start;
                int stop = Math.Min(end, edge);
                tokenizer.Encode(text[done..stop], tokens, isFirst && done == 0);
                Mark(isWritten);
                done = stop;
            }
        }

        bool IsWritten(int position)
        {
            while (range < written.Count && written[range].End <= position) range++;
            return range < written.Count && written[range].Start <= position;
        }

        void Mark(bool value)
        {
            while (fromAssistant.Count < tokens.Count) fromAssistant.Add(value);
        }
    }
}
