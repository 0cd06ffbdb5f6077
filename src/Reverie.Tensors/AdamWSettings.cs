namespace Reverie.Tensors;

/// <summary>The numbers of one AdamW step (arXiv 1711.05101): decoupled weight decay, bias-corrected moments.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="Epsilon">Added to the root of the second moment.</param>
/// <param name="WeightDecay">Share of the value that is taken away per unit of learning rate.</param>
/// <param name="Step">Number of this step, from 1, for the bias correction.</param>
/// <param name="GradientScale">Factor on the gradient before it is used: clipping.</param>
public readonly record struct AdamWSettings(float LearningRate, float Beta1, float Beta2, float Epsilon, float WeightDecay, int Step, float GradientScale);
