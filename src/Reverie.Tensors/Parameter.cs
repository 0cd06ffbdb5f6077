namespace Reverie.Tensors;

/// <summary>What a parameter is, which decides how optimizers and initialisation treat it.</summary>
public enum ParameterKind
{
    /// <summary>A weight matrix inside the network: (outputs, inputs).</summary>
    Matrix,

    /// <summary>The token table: (vocabulary, width).</summary>
    Embedding,

    /// <summary>An output head that is not the token table: (vocabulary, width).</summary>
    Head,

    /// <summary>A gain of a norm: (1, width); never decayed.</summary>
    Gain,

    /// <summary>What is added to the outputs of a matrix: (1, outputs); never decayed.</summary>
    Bias,
}

/// <summary>A named parameter: a part of a <see cref="ParameterSet"/>.</summary>
/// <param name="Name">The name, unique in its set.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Value">(rows, columns), with its gradient once the set has gradients.</param>
/// <param name="Offset">Index of its first element in the set's buffers.</param>
public sealed record Parameter(string Name, ParameterKind Kind, Tensor Value, long Offset);
