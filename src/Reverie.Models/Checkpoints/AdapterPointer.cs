namespace Reverie.Models;

/// <summary>Which of a person's adapters a model wears for her.</summary>
/// <param name="Number">The adapter; 0 for the model alone.</param>
/// <param name="IsPinned">Whether it stays until she says otherwise, however many newer ones are made.</param>
public readonly record struct AdapterPointer(int Number, bool IsPinned = false);
