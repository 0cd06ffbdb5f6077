namespace Reverie.Evaluation;

/// <summary>How the examples that stand before a question are drawn. All draws are CPython's.</summary>
public enum FewShotDraw
{
    /// <summary>lm-evaluation-harness: one <c>Random(1234)</c> for the task, a <c>sample</c> of it for each question in turn.</summary>
    OneStream,

    /// <summary>CORE as in nanochat: <c>Random(1234 + i).sample</c> for question i, over all other questions.</summary>
    PerQuestion,

    /// <summary>The first ones, as MMLU takes them from its development set.</summary>
    First,
}
