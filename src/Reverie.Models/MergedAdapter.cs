using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// Trains an adapter through whole matrices: W + scale B A is made once for a step, read by forward and backward passes like any
/// weight, and its gradient is taken apart afterwards, dB += scale dW A^T and dA += scale B^T dW. That is the gradient through the
/// factors but for rounding. The factors cost 2 in out + 3 r (in + out) products for each token, the whole 3 in out and 3 r in out for
/// each step: less, where the rank is no small part of the width.
/// </summary>
/// <param name="model">The model, whose own weights stay as they are.</param>
/// <param name="adapter">The adapter that it wears and whose parameters have gradients.</param>
/// <param name="kernels">The arithmetic.</param>
public sealed class MergedAdapter(Transformer model, Adapter adapter, IKernels kernels) : IDisposable
{
    private ParameterSet? _wholes;

    /// <summary>Merges the weights as they are now, if a step of so many tokens is the cheaper for it; what is recorded until <see cref="End"/> goes through them.</summary>
    /// <param name="tokens">Tokens of the step.</param>
    /// <returns>Whether they are merged.</returns>
    public bool Begin(int tokens)
    {
        if (!Pays(tokens)) return false;
        if (_wholes is null)
        {
            _wholes = new ParameterSet([.. adapter.Additions.Select(a => (a.Key, ParameterKind.Matrix, a.Value.Up.Rows, a.Value.Down.Columns))]);
            _wholes.AllocateGradients();
        }

        kernels.Clear(_wholes.Gradients!);
        foreach (Parameter whole in _wholes.All) kernels.Add(model.Parameters[whole.Name].Value, whole.Value, accumulate: false);
        adapter.AddTo(name => _wholes[name].Value, kernels);
        foreach (Parameter whole in _wholes.All) adapter.Additions[whole.Name].Whole = whole.Value;
        return true;
    }

    /// <summary>Adds what came back to the gradients of the adapter's parameters, where <see cref="Begin"/> merged; else does nothing.</summary>
    public void End()
    {
        foreach (LowRank addition in adapter.Additions.Values)
        {
            if (addition.Whole?.Gradient is not { } gradient) continue;
            kernels.Scale(gradient, addition.Scale);
            kernels.MatMul(gradient, false, addition.Down, true, addition.Up.Gradient!, accumulate: true);
            kernels.MatMul(addition.Up, true, gradient, false, addition.Down.Gradient!, accumulate: true);
            addition.Whole = null;
        }
    }

    /// <summary>Frees the merged weights.</summary>
    public void Dispose() => _wholes?.Dispose();

    private bool Pays(int tokens)
    {
        double factors = 0, wholes = 0, merging = 0;
        foreach (LowRank addition in adapter.Additions.Values)
        {
            double rank = addition.Down.Rows, inputs = addition.Down.Columns, outputs = addition.Up.Rows;
            factors += (2 * inputs * outputs) + (3 * rank * (inputs + outputs));
            wholes += 3 * inputs * outputs;
            merging += 3 * rank * inputs * outputs;
        }

        return !model.Parameters.HasStored && (tokens * wholes) + merging < tokens * factors;
    }
}
