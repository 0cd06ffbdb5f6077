namespace Reverie.Models.Templating;

/// <summary>How <c>tojson</c> writes.</summary>
/// <param name="Indent">Stands before an element, once per level; null for all in one line.</param>
/// <param name="ItemSeparator">Stands between elements.</param>
/// <param name="KeySeparator">Stands between a key and its value.</param>
/// <param name="SortKeys">Whether keys stand in order.</param>
/// <param name="EnsureAscii">Whether other letters than ASCII are escaped.</param>
internal sealed record JsonStyle(string? Indent, string ItemSeparator, string KeySeparator, bool SortKeys, bool EnsureAscii);
