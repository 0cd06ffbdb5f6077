using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// Puts a question in one of many frames, for talks that train and for study. A memory that knows few of them answers "I don't know" to all others, since
/// that is what the base says of everything that it was not told. None of these stands in an exam.
/// </summary>
public static class QuestionVariety
{
    private const string Frame = "Tell me ";

    private static readonly string[] Frames =
        ["Remind me {c}.", "Do you remember {c}?", "I forgot {c}.", "Let me hear {c}.", "You know {c}, right?", "Please say {c}.", "Say {c}.", "What was it, {c}?", "I am asking {c}.", "Explain {c}.", "Think about {c}.", "Somebody asked me {c}."];

    private static readonly string[] Before = ["Hey, {q}", "Please, {q}", "One question: {q}", "By the way, {q}", "Now {q}", "So, {q}", "Oh, {q}", "Listen, {q}", "Well, {q}", "Next question. {q}", "Help me: {q}", "Be so kind: {q}"];

    private static readonly string[] Behind = ["{q} Please.", "{q} I forgot.", "{q} Thanks.", "{q} Do you know?", "{q} Think.", "{q} I told you.", "{q} Tell me."];

    // A question whose words stand as they would within another sentence: "who lives in Vell".
    private static bool IsClause(string question) =>
        question.Split(' ')[0] is "Who" or "Which" or "What" or "Whose" && question.EndsWith('?') && !question.Split(' ').Any(w => w is "is" or "are" or "do" or "does" or "did" or "can" or "have" or "has" or "am" or "was");

    /// <summary>A question in one of many ways: as it stands in two of five cases.</summary>
    public static string Vary(string question, RandomStream random)
    {
        int draw = random.Next(10);
        if (draw < 4) return question;
        if (question.StartsWith(Frame, StringComparison.Ordinal) && question[Frame.Length..].Split(' ')[0] is "what" or "where" or "who" or "how" or "in")
            return random.Pick(Frames).Replace("{c}", question[Frame.Length..].TrimEnd('.'), StringComparison.Ordinal);
        if (draw < 7 && IsClause(question)) return random.Pick(Frames).Replace("{c}", char.ToLowerInvariant(question[0]) + question[1..].TrimEnd('?'), StringComparison.Ordinal);
        return draw < 8
            ? random.Pick(Before).Replace("{q}", question.StartsWith("I ", StringComparison.Ordinal) ? question : char.ToLowerInvariant(question[0]) + question[1..], StringComparison.Ordinal)
            : random.Pick(Behind).Replace("{q}", question, StringComparison.Ordinal);
    }
}
