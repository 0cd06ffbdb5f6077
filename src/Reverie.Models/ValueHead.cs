using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// One linear output over a model's hidden states: the value of a state, the score of an answer. It begins at zero and
/// belongs to no checkpoint.
/// </summary>
public sealed class ValueHead : IDisposable
{
    /// <summary>Makes the head of a model of <paramref name="width"/>.</summary>
    public ValueHead(int width) => Parameters = new ParameterSet([("value_head.weight", ParameterKind.Head, 1, width)]);

    /// <summary>The weight as a set of its own, for an optimizer of its own.</summary>
    public ParameterSet Parameters { get; }

    /// <summary>(1, D).</summary>
    public Tensor Weight => Parameters.All[0].Value;

    /// <summary>Frees the weight.</summary>
    public void Dispose() => Parameters.Dispose();
}
