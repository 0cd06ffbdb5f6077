using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>Reads what a model folder says of its special tokens: <c>tokenizer_config.json</c> and <c>generation_config.json</c>.</summary>
internal static class SettingsFiles
{
    /// <summary>Next to the tokenizer.</summary>
    public const string TokenizerConfig = "tokenizer_config.json", GenerationConfig = "generation_config.json";

    /// <summary>The settings; empty where neither file is there.</summary>
    /// <exception cref="ReverieException">A file is damaged: one line that names it.</exception>
    public static TokenizerSettings Read(string folder, Tokenizer tokenizer)
    {
        string tokenizerPath = Path.Combine(folder, TokenizerConfig), generationPath = Path.Combine(folder, GenerationConfig);
        JsonFields? tokens = File.Exists(tokenizerPath) ? JsonFields.Read(tokenizerPath) : null;
        JsonFields? generation = File.Exists(generationPath) ? JsonFields.Read(generationPath) : null;
        int? Named(string name) => tokens?.TextOrContent(name) is { } text ? tokenizer.Id(text) : null;
        int? Numbered(string name) => generation is { } fields && fields.Integers(name) is [int id, ..] && id >= 0 && id < tokenizer.VocabularySize ? id : null;
        IEnumerable<int> ends = [.. new[] { Named("eos_token") }.OfType<int>(), .. generation?.Integers("eos_token_id") ?? []];
        return new TokenizerSettings
        {
            BeginOfText = Named("bos_token") ?? Numbered("bos_token_id"),
            AddsBeginOfText = tokens is { } config && config.Has("add_bos_token") ? config.Flag("add_bos_token", false) : null,
            EndTokens = [.. ends.Where(id => id >= 0 && id < tokenizer.VocabularySize).Distinct()],
            Padding = Named("pad_token") ?? Numbered("pad_token_id"),
            TokenizerConfig = tokens?.Raw,
            GenerationConfig = generation?.Raw,
        };
    }
}
