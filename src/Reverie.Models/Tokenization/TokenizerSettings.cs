namespace Reverie.Models;

/// <summary>What a model wants of its tokenizer beyond ids: where a text begins and where an answer ends.</summary>
public sealed record TokenizerSettings
{
    /// <summary>The token that begins a text; null where the model has none, or none is named.</summary>
    public int? BeginOfText { get; init; }

    /// <summary>Whether every text begins with it; null where only the tokenizer's own post-processor says so.</summary>
    public bool? AddsBeginOfText { get; init; }

    /// <summary>The tokens at which an answer ends, the most important first.</summary>
    public IReadOnlyList<int> EndTokens { get; init; } = [];

    /// <summary>Fills batches up; null where none is named.</summary>
    public int? Padding { get; init; }

    /// <summary>
    /// The chat template as <c>chat_template.jinja</c> or a GGUF file holds it; null where it stands in <see cref="TokenizerConfig"/>
    /// or nowhere. See <see cref="Models.ChatTemplate"/>.
    /// </summary>
    public string? ChatTemplate { get; init; }

    /// <summary><c>tokenizer_config.json</c> as another program wrote it, to be written back; null where there is none.</summary>
    public string? TokenizerConfig { get; init; }

    /// <summary><c>generation_config.json</c> as another program wrote it, to be written back; null where there is none.</summary>
    public string? GenerationConfig { get; init; }
}
