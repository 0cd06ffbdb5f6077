using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// Muon (Jordan et al., 2024, kellerjordan.github.io/posts/muon): the momentum of each matrix is replaced by the nearest
/// semi-orthogonal matrix, by five Newton-Schulz steps. Updates are scaled by 0.2 sqrt(max(rows, columns)) (arXiv
/// 2502.16982), so that they have AdamW's size and both share one learning rate. Embeddings and gains get <see cref="AdamW"/>.
/// A fused matrix is orthogonalised part by part: queries, keys, values, gate and up each on their own.
/// </summary>
public sealed class Muon : IOptimizer
{
    private const int NewtonSchulzSteps = 5;
    private readonly IKernels _kernels;
    private readonly Arena _arena = new(blockBytes: 0);
    private readonly Arena _scratch = new();
    private readonly List<(Tensor Value, Tensor Gradient, Tensor Momentum)> _matrices = [];
    private readonly AdamW _rest;
    private readonly Tensor _gradients;
    private readonly float _momentum, _weightDecay;

    /// <summary>Creates the optimizer with its moments at zero.</summary>
    /// <param name="kernels">The arithmetic.</param>
    /// <param name="parameters">The set, with gradients.</param>
    /// <param name="parts">Heights of the parts of fused matrices: (parameter) -> rows of each part, which sum to its rows.</param>
    /// <param name="momentum">Decay of the momentum (Nesterov).</param>
    /// <param name="beta2">Decay of AdamW's second moment.</param>
    /// <param name="weightDecay">Decoupled decay of everything but gains.</param>
    /// <param name="rates">Factors on the learning rate of embedding and head; by default none.</param>
    public Muon(IKernels kernels, ParameterSet parameters, Func<Parameter, IReadOnlyList<int>> parts, float momentum = 0.95f, float beta2 = 0.98f, float weightDecay = 0.05f, LearningRates? rates = null)
    {
        _kernels = kernels;
        (_momentum, _weightDecay) = (momentum, weightDecay);
        parameters.AllocateGradients();
        _gradients = parameters.Gradients!;
        Tensor buffer = _arena.Allocate(parameters.Values.Rows, parameters.Values.Columns, clear: true);
        foreach (Parameter parameter in parameters.All.Where(p => p.Kind == ParameterKind.Matrix))
        {
            Tensor moment = ParameterSet.Part(buffer, parameter);
            int row = 0;
            foreach (int rows in parts(parameter))
            {
                _matrices.Add((parameter.Value.View(row, rows), parameter.Value.Gradient!.View(row, rows), moment.View(row, rows)));
                row += rows;
            }

            if (row != parameter.Value.Rows) throw new ArgumentException($"The parts of {parameter.Name} have {row} rows, not {parameter.Value.Rows}.", nameof(parts));
        }

        _rest = new AdamW(kernels, parameters, [.. parameters.All.Where(p => p.Kind != ParameterKind.Matrix)], 0.9f, beta2, weightDecay, 1e-8f, rates);
        State = [("momentum", buffer), .. _rest.State];
    }

    /// <inheritdoc/>
    public string Name => "muon";

    /// <inheritdoc/>
    public ParameterSet Parameters => _rest.Parameters;

    /// <inheritdoc/>
    public int Steps
    {
        get => _rest.Steps;
        set => _rest.Steps = value;
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Buffer)> State { get; }

    /// <inheritdoc/>
    public void Step(float learningRate, float gradientScale)
    {
        if (!ReferenceEquals(Parameters.Gradients, _gradients)) throw new InvalidOperationException("The parameters were frozen since this optimizer was made: make a new one.");
        foreach ((Tensor value, Tensor gradient, Tensor momentum) in _matrices)
        {
            _kernels.Scale(gradient, gradientScale);
            _kernels.Scale(momentum, _momentum);
            _kernels.Add(gradient, momentum, accumulate: true);
            Tensor update = _scratch.Allocate(value.Rows, value.Columns);
            _kernels.Add(momentum, update, accumulate: false);
            _kernels.Scale(update, _momentum);
            _kernels.Add(gradient, update, accumulate: true);
            update = Orthogonalize(update);
            _kernels.Scale(update, -learningRate * 0.2f * MathF.Sqrt(Math.Max(value.Rows, value.Columns)));
            _kernels.Scale(value, 1 - learningRate * _weightDecay);
            _kernels.Add(update, value, accumulate: true);
            _scratch.Reset();
        }

        _rest.Step(learningRate, gradientScale);
    }

    /// <summary>Frees the moments.</summary>
    public void Dispose()
    {
        _arena.Dispose();
        _scratch.Dispose();
        _rest.Dispose();
    }

    /// <summary>
    /// X &lt;- a X + (b A + c A A) X with A = X X^T over the shorter side, from X scaled to norm 1; the quintic's
    /// coefficients bring every singular value to about 1 (0.7 to 1.2) in five steps.
    /// </summary>
    internal Tensor Orthogonalize(Tensor x)
    {
        const float a = 3.4445f, b = -4.7750f, c = 2.0315f;
        bool tall = x.Rows > x.Columns;
        int side = Math.Min(x.Rows, x.Columns);
        Tensor square = _scratch.Allocate(side, side), polynomial = _scratch.Allocate(side, side), next = _scratch.Allocate(x.Rows, x.Columns);
        _kernels.Scale(x, (float)(1 / (Math.Sqrt(_kernels.SumOfSquares(x)) + 1e-7)));
        for (int step = 0; step < NewtonSchulzSteps; step++)
        {
            _kernels.MatMul(x, tall, x, !tall, square, accumulate: false);
            _kernels.MatMul(square, false, square, false, polynomial, accumulate: false);
            _kernels.Scale(polynomial, c / b);
            _kernels.Add(square, polynomial, accumulate: true);
            _kernels.Scale(polynomial, b);
            _kernels.Add(x, next, accumulate: false);
            _kernels.Scale(next, a);
            if (tall) _kernels.MatMul(x, false, polynomial, false, next, accumulate: true);
            else _kernels.MatMul(polynomial, false, x, false, next, accumulate: true);
            (x, next) = (next, x);
        }

        return x;
    }
}
