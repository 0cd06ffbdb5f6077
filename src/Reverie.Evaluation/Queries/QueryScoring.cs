namespace Reverie.Evaluation;

/// <summary>How the options of a <see cref="QueryItem"/> are compared.</summary>
public enum QueryScoring
{
    /// <summary>lm-evaluation-harness's multiple choice: acc by log-likelihood, acc_norm by log-likelihood over characters.</summary>
    Harness,

    /// <summary>The same, acc alone: for choices that are letters, whose lengths are equal.</summary>
    HarnessLetters,

    /// <summary>LAMBADA: acc is whether each token of the last word is the likeliest, perplexity is over last words.</summary>
    LastWord,

    /// <summary>DCLM's CORE: the lowest mean loss of the tokens in which options differ, or greedy exactness; acc and centred acc.</summary>
    Core,

    /// <summary>Whole texts: bits per byte and byte perplexity.</summary>
    Text,
}
