namespace Reverie.Models.Templating;

/// <summary>Something in a template that cannot go on. <see cref="Template"/> turns it into the one line that people see.</summary>
/// <param name="what">What is wrong.</param>
internal sealed class TemplateFault(string what) : Exception(what)
{
    /// <summary>Where, counted from 1; 0 where whoever threw it did not know.</summary>
    public int Line { get; init; }

    /// <summary>Whether the template itself refused its input, with <c>raise_exception</c>.</summary>
    public bool IsRefusal { get; init; }
}
