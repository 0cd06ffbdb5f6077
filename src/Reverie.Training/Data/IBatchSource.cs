using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>Where a stage's batches come from: text that is read, or episodes that the model plays itself.</summary>
public interface IBatchSource : IDisposable
{
    /// <summary>Gives the learner what batches of this source need beside the model: a teacher, a head for values.</summary>
    void Prepare(Learner learner) { }

    /// <summary>What is learned beside the model, by name, with the moments of its optimizer: a resumed stage restores it.</summary>
    IReadOnlyList<(string Name, Tensor Buffer)> Buffers => [];

    /// <summary>Fills the next batch; the weights of the model are those of the step before.</summary>
    void Next(Batch batch);

    /// <summary>What the learner divides the weights of a batch by; null for their sum.</summary>
    double? Denominator { get; }

    /// <summary>Where the source stands after the last batch; set it to go on from there.</summary>
    /// <exception cref="ReverieException">Set to the state of another source.</exception>
    MixtureState State { get; set; }

    /// <summary>Whether the state can be saved now: not in the middle of several steps on the same episodes.</summary>
    bool IsResumable { get; }

    /// <summary>The step on the last batch was taken.</summary>
    /// <param name="learner">Its results are those of that step.</param>
    void Stepped(Learner learner);

    /// <summary>The episodes behind the last batch; null for text.</summary>
    RolloutReport? Rollouts { get; }
}
