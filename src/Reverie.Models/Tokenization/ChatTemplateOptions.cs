using System.Text.Json;

namespace Reverie.Models;

/// <summary>What a conversation comes with, for the templates that ask for it.</summary>
public sealed record ChatTemplateOptions
{
    /// <summary>Descriptions of the tools that the model may call, as JSON schemas.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];

    /// <summary>Whether the model is to think before it answers; null for what the template does by itself.</summary>
    public bool? EnableThinking { get; init; }

    /// <summary>
    /// The day that a template tells the model. It is fixed unless it is given, so that the same conversation has the same tokens
    /// tomorrow; the default is the one that Llama 3.1's template falls back to.
    /// </summary>
    public DateTime Now { get; init; } = new(2024, 7, 26);
}
