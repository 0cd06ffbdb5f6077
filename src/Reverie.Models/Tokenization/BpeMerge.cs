namespace Reverie.Models;

/// <summary>The tokens <paramref name="Left"/> and <paramref name="Right"/>, side by side, become <paramref name="Result"/>.</summary>
internal readonly record struct BpeMerge(int Left, int Right, int Result);
