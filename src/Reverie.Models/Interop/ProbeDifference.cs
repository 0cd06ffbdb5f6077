namespace Reverie.Models;

/// <summary>How far a model is from a reference.</summary>
/// <param name="Largest">Largest difference of a logit.</param>
/// <param name="Agreement">Share of places where both expect the same token most.</param>
/// <param name="Divergence">KL divergence of the model from the reference, in nats, mean over the places.</param>
public sealed record ProbeDifference(double Largest, double Agreement, double Divergence);
