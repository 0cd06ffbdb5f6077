namespace Reverie.Training;

/// <summary>
/// How much the imitation of each kind of token counts. What the assistant writes always counts 1.
/// </summary>
/// <param name="Text">Weight of the tokens of plain text.</param>
/// <param name="Others">
/// Weight, inside conversations, of the tokens that the assistant did not write. A person's words are mostly chance (which numbers
/// to add, which name to have): a small model that is made to predict them has less left for the answers.
/// </param>
public readonly record struct LossWeights(float Text, float Others)
{
    /// <summary>Every token counts: language modelling.</summary>
    public static LossWeights All => new(1, 1);

    /// <summary>Only what the assistant wrote: SFT.</summary>
    public static LossWeights Assistant => new(0, 0);
}
