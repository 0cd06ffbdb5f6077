namespace Reverie.Tensors;

/// <summary>How far a predicted value v is from its target.</summary>
public enum ValueLoss
{
    /// <summary>(v - target)^2 / 2.</summary>
    SquaredError,

    /// <summary>-target log s(v) - (1 - target) log(1 - s(v)) with the logistic function s: v is a logit, the target a probability.</summary>
    CrossEntropy,
}
