namespace Reverie.Training;

/// <summary>A method of training: turns traces into a weight for each token. See docs/adding-a-method.md.</summary>
public interface ICredit
{
    /// <summary>The name that commands know it by.</summary>
    string Name { get; }

    /// <summary>What must be there before <see cref="Assign"/>.</summary>
    CreditNeeds Needs { get; }

    /// <summary>Writes the weights of one batch. Whatever weights there were are gone.</summary>
    /// <param name="batch">The groups that make one step of the optimizer.</param>
    void Assign(IReadOnlyList<TraceGroup> batch);
}

/// <summary>What a credit rule reads beside the trace itself.</summary>
[Flags]
public enum CreditNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary><see cref="CreditedTrace.Current"/>; free where the trace was drawn from the current weights.</summary>
    Current = 1,

    /// <summary><see cref="CreditedTrace.Reference"/>: a pass of the model that training started from.</summary>
    Reference = 2,

    /// <summary><see cref="CreditedTrace.Teacher"/>: a pass of the teacher.</summary>
    Teacher = 4,

    /// <summary>The teacher beside the model in the training step itself, for the channel Kl.</summary>
    TeacherDistribution = 8,

    /// <summary><see cref="CreditedTrace.Values"/>, and a value head to train.</summary>
    Values = 16,

    /// <summary><see cref="CreditedTrace.StepValues"/>: episodes continued from forks of their worlds.</summary>
    Forks = 32,
}
