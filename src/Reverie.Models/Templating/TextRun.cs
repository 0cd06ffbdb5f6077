namespace Reverie.Models.Templating;

/// <summary>The characters of a <see cref="Text"/> up to <paramref name="End"/>, exclusive, from the end of the run before it.</summary>
internal readonly record struct TextRun(int End, Origin Origin);
