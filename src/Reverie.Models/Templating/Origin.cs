namespace Reverie.Models.Templating;

/// <summary>Where a character of a rendered text comes from. Whatever a template does with a text, its characters keep their origin.</summary>
/// <param name="Source">0: the template; n + 1: the content of message n; -1: other input, such as tool definitions.</param>
/// <param name="IsGenerated">Whether it stands inside <c>{% generation %}</c>.</param>
internal readonly record struct Origin(int Source, bool IsGenerated = false)
{
    /// <summary>Written by the template's author; the default.</summary>
    public static Origin Template => default;

    /// <summary>Given from outside, but not as the content of a message.</summary>
    public static Origin OtherInput => new(-1);

    /// <summary>The content of a message.</summary>
    public static Origin Message(int index) => new(index + 1);

    /// <summary>Whether a stranger may have written it, so that special tokens in it are only letters.</summary>
    public bool IsInput => Source != 0;

    /// <summary>Whose content it is; null for none.</summary>
    public int? MessageIndex => Source > 0 ? Source - 1 : null;
}
