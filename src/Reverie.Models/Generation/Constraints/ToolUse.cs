namespace Reverie.Models;

/// <summary>Whether a reply calls tools.</summary>
public sealed record ToolUse
{
    private ToolUse(bool isRequired, string? name) => (IsRequired, Name) = (isRequired, name);

    /// <summary>As the model likes: text, and calls where it begins one.</summary>
    public static ToolUse Auto { get; } = new(false, null);

    /// <summary>At least one call, of any tool, and no text.</summary>
    public static ToolUse Required { get; } = new(true, null);

    /// <summary>At least one call, of this tool, and no text.</summary>
    public static ToolUse Named(string name) => new(true, name);

    /// <summary>Whether there must be a call.</summary>
    public bool IsRequired { get; }

    /// <summary>The only tool that may be called; null for any.</summary>
    public string? Name { get; }
}
