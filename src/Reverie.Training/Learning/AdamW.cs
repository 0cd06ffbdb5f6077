using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>AdamW (arXiv 1711.05101). Gains are not decayed.</summary>
public sealed class AdamW : IOptimizer
{
    private readonly IKernels _kernels;
    private readonly Arena _arena = new(blockBytes: 0);
    private readonly Slice[] _slices;
    private readonly Tensor _gradients;

    /// <summary>Creates the optimizer with its moments at zero.</summary>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="parameters">The set, with gradients.</param>
    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay of everything but gains.</param>
    /// <param name="epsilon">Added to the root of the second moment.</param>
    /// <param name="rates">Factors on the learning rate; by default none.</param>
    public AdamW(IKernels kernels, ParameterSet parameters, float beta1 = 0.9f, float beta2 = 0.98f, float weightDecay = 0.05f, float epsilon = 1e-8f, LearningRates? rates = null)
        : this(kernels, parameters, parameters.All, beta1, beta2, weightDecay, epsilon, rates) { }

    /// <summary>Creates the optimizer for some of the parameters of a set.</summary>
    internal AdamW(IKernels kernels, ParameterSet parameters, IReadOnlyList<Parameter> chosen, float beta1, float beta2, float weightDecay, float epsilon, LearningRates? rates)
    {
        _kernels = kernels;
        (Beta1, Beta2, WeightDecay, Epsilon) = (beta1, beta2, weightDecay, epsilon);
        Parameters = parameters;
        parameters.AllocateGradients();
        _gradients = parameters.Gradients!;
        Tensor first = _arena.Allocate(parameters.Values.Rows, parameters.Values.Columns, clear: true);
        Tensor second = _arena.Allocate(parameters.Values.Rows, parameters.Values.Columns, clear: true);
        State = [("first_moment", first), ("second_moment", second)];
        _slices = [.. chosen.Select(p => new Slice(p.Value, p.Value.Gradient!, ParameterSet.Part(first, p), ParameterSet.Part(second, p), p.Kind is not (ParameterKind.Gain or ParameterKind.Bias), rates?.Of(p.Kind) ?? 1))];
    }

    /// <inheritdoc/>
    public string Name => "adamw";

    /// <inheritdoc/>
    public ParameterSet Parameters { get; }

    /// <summary>Decay of the first moment.</summary>
    public float Beta1 { get; }

    /// <summary>Decay of the second moment.</summary>
    public float Beta2 { get; }

    /// <summary>Decoupled decay of everything but gains.</summary>
    public float WeightDecay { get; }

    /// <summary>Added to the root of the second moment.</summary>
    public float Epsilon { get; }

    /// <inheritdoc/>
    public int Steps { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Buffer)> State { get; }

    /// <inheritdoc/>
    public void Step(float learningRate, float gradientScale)
    {
        if (!ReferenceEquals(Parameters.Gradients, _gradients)) throw new InvalidOperationException("The parameters were frozen since this optimizer was made: make a new one.");
        Steps++;
        foreach (Slice slice in _slices)
        {
            var settings = new AdamWSettings(learningRate * slice.Rate, Beta1, Beta2, Epsilon, slice.Decayed ? WeightDecay : 0, Steps, gradientScale);
            _kernels.AdamW(slice.Value, slice.Gradient, slice.First, slice.Second, settings);
        }
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose() => _arena.Dispose();

    private sealed record Slice(Tensor Value, Tensor Gradient, Tensor First, Tensor Second, bool Decayed, float Rate);
}
