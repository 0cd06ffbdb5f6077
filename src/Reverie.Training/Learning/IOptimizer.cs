using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>Turns gradients into better parameters.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>The name in plans and reports.</summary>
    string Name { get; }

    /// <summary>The set that it was made for: what is trained.</summary>
    ParameterSet Parameters { get; }

    /// <summary>Steps taken so far; set on resume.</summary>
    int Steps { get; set; }

    /// <summary>The moments, by name, which a resumed run must restore.</summary>
    IReadOnlyList<(string Name, Tensor Buffer)> State { get; }

    /// <summary>
    /// Forgets the moments. Where the gradients change their size, as from imitation to reinforcement, the old ones would lead the way for
    /// many steps: Muon's momentum is scaled to one size whatever it consists of.
    /// </summary>
    void Reset()
    {
        foreach ((_, Tensor buffer) in State) buffer.Span.Clear();
        Steps = 0;
    }

    /// <summary>Takes one step along the gradients of the set it was made for.</summary>
    /// <param name="learningRate">Step size.</param>
    /// <param name="gradientScale">Factor on the gradients: clipping.</param>
    /// <exception cref="InvalidOperationException">The set was frozen since the optimizer was made.</exception>
    void Step(float learningRate, float gradientScale);
}
