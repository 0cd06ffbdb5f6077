using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>There is no model or adapter of this name.</summary>
/// <param name="message">What was asked for and what there is.</param>
public sealed class ModelNotFoundException(string message) : ReverieException(message);
