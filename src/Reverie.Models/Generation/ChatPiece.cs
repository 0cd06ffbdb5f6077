namespace Reverie.Models;

/// <summary>A part of a reply as it is written.</summary>
/// <param name="Text">Whole characters.</param>
/// <param name="IsThinking">Whether it stands inside the <c>&lt;think&gt;</c> tags (which are left out).</param>
public readonly record struct ChatPiece(string Text, bool IsThinking);
