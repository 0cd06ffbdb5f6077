namespace Reverie.Worlds;

/// <summary>Reads a model's reply the way a strict but fair examiner does.</summary>
public static class Reply
{
    /// <summary>What stands after the thinking, trimmed; empty when the thinking never ends.</summary>
    public static string Answer(string reply)
    {
        int end = reply.LastIndexOf("</think>", StringComparison.Ordinal);
        if (end >= 0) return reply[(end + "</think>".Length)..].Trim();
        return reply.Contains("<think>", StringComparison.Ordinal) ? "" : reply.Trim();
    }

    /// <summary>Whether the reply rambles: a right answer buried in a flood of text is no answer.</summary>
    public static bool IsFarTooLong(string reply, string gold) => reply.Length > 3 * gold.Length + 120;

    /// <summary>The last sentence, lower-case, without its final punctuation.</summary>
    public static string FinalSentence(string answer)
    {
        string text = Plain(answer);
        for (int i = text.Length - 2; i > 0; i--)
        {
            if (text[i] is '.' or '!' or '?' or '\n' && char.IsWhiteSpace(text[i + 1])) return text[(i + 1)..].Trim();
        }

        return text;
    }

    /// <summary>Whether the answers are the same but for case, surrounding space and final punctuation.</summary>
    public static bool Same(string answer, string expected) => Plain(answer) == Plain(expected);

    /// <summary>Whether the final sentence says the value, and none of its rivals.</summary>
    public static bool Says(string answer, string value, IEnumerable<string> rivals)
    {
        string sentence = FinalSentence(answer);
        if (!HasWords(sentence, value) || HasWords(sentence, "not") || sentence.Contains("n't")) return false;
        foreach (string rival in rivals)
        {
            if (!HasWords(value, rival) && HasWords(sentence, rival)) return false;
        }

        return true;
    }

    /// <summary>Whether the answer admits that it does not know.</summary>
    public static bool Abstains(string answer)
    {
        string text = Plain(answer);
        return text.Contains("don't know") || text.Contains("do not know") || text.Contains("never heard of");
    }

    /// <summary>Whether the answer admits that it does not know, or that nobody told.</summary>
    public static bool AdmitsUntold(string answer) => Abstains(Answer(answer)) || HasWords(answer, "not told me");

    /// <summary>Whether the words stand in the text as whole words.</summary>
    public static bool HasWords(string text, string words)
    {
        for (int at = text.IndexOf(words, StringComparison.OrdinalIgnoreCase); at >= 0; at = text.IndexOf(words, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            int end = at + words.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end]))) return true;
        }

        return false;
    }

    /// <summary>Lower-case, trimmed, without final punctuation.</summary>
    public static string Plain(string text) => text.Trim().TrimEnd('.', '!', '?', ' ').ToLowerInvariant();
}
