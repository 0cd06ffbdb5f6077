using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>Factors on the learning rate by kind of parameter: a row of the token table is touched far less often than a matrix.</summary>
/// <param name="Embedding">Factor of the token table.</param>
/// <param name="Head">Factor of an untied head.</param>
public sealed record LearningRates(float Embedding = 1, float Head = 1)
{
    /// <summary>The factor of a kind.</summary>
    public float Of(ParameterKind kind) => kind switch
    {
        ParameterKind.Embedding => Embedding,
        ParameterKind.Head => Head,
        _ => 1,
    };
}
