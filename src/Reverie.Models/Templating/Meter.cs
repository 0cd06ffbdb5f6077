using System.Runtime.CompilerServices;

namespace Reverie.Models.Templating;

/// <summary>
/// What a template may use up. A template is a stranger's program: it has a bounded number of steps, a bounded depth, and no text or
/// list longer than the longest, so that it ends soon, in little memory, whatever it does.
/// </summary>
internal sealed class Meter
{
    /// <summary>Steps of a render: an expression costs one, 16 characters copied cost one.</summary>
    public const int MaximumSteps = 5_000_000;

    /// <summary>Expressions and statements inside one another, those of called macros included.</summary>
    public const int MaximumDepth = 250;

    /// <summary>Characters of one text.</summary>
    public const int MaximumLength = 16 << 20;

    /// <summary>Elements of one list.</summary>
    public const int MaximumCount = 100_000;

    private long _steps;
    private int _depth;

    /// <summary>Pays for work.</summary>
    public void Spend(long steps)
    {
        _steps += steps;
        if (_steps > MaximumSteps) throw new TemplateFault($"it takes more than {MaximumSteps:N0} steps");
    }

    /// <summary>Goes one level deeper.</summary>
    public void Enter()
    {
        Spend(1);
        if (++_depth > MaximumDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateFault($"it goes deeper than {MaximumDepth} levels");
    }

    /// <summary>Comes back from <see cref="Enter"/>.</summary>
    public void Leave() => _depth--;

    /// <summary>Pays for reading a text from end to end.</summary>
    public void Read(Text text) => Spend(text.Characters.Length >> 4);

    /// <summary>Pays for looking for one text in another, which at worst compares all of it at every place.</summary>
    public void Search(Text text, Text part) => Spend((text.Characters.Length >> 4) + (((long)text.Characters.Length * part.Characters.Length) >> 12));

    /// <summary>Pays for copying characters behind others that are there already.</summary>
    public void Copy(long characters, long already = 0)
    {
        if (characters + already > MaximumLength) throw new TemplateFault($"it makes a text of more than {MaximumLength:N0} characters");
        Spend((characters >> 4) + 1);
    }

    /// <summary>Pays for a list of so many elements.</summary>
    public void Fill(long count)
    {
        if (count > MaximumCount) throw new TemplateFault($"it makes a list of more than {MaximumCount:N0} elements");
        Spend(count);
    }
}
