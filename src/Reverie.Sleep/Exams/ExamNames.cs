namespace Reverie.Sleep;

/// <summary>The exams of a night.</summary>
public static class ExamNames
{
    /// <summary>New facts in the wordings of study.</summary>
    public const string Verbatim = "verbatim";

    /// <summary>New facts in wordings that study never uses.</summary>
    public const string Paraphrased = "paraphrased";

    /// <summary>New facts in unseen wordings, after other talk: a greeting, another answer, something that is not known.</summary>
    public const string InTalk = "in a talk";

    /// <summary>New facts as somebody wrote the questions by hand.</summary>
    public const string HandWritten = "hand-written";

    /// <summary>New facts from the value to the subject.</summary>
    public const string Reversed = "reversed";

    /// <summary>Facts about the value of a fact.</summary>
    public const string Indirect = "indirect";

    /// <summary>Facts that changed: the new value is said and the old one is not.</summary>
    public const string Updated = "updated";

    /// <summary>Neighbours of facts that were never told: the right answer admits it.</summary>
    public const string Unknown = "never told";

    /// <summary>The same, after a fact was rightly recalled.</summary>
    public const string UnknownInTalk = "never told, in a talk";

    /// <summary>Facts of earlier days.</summary>
    public const string Earlier = "earlier facts";

    /// <summary>Turns whose answers were put right or approved of: the answer is the one that was wanted.</summary>
    public const string Lessons = "answers put right";

    /// <summary>What the base knows, answered rightly, after a person said that it is wrong and claimed something false.</summary>
    public const string FalseCorrection = "false corrections";
}
