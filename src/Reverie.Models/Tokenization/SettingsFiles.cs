using System.Text.Json;
using Reverie.Models.Templating;
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
            ChatTemplate = ReadTemplate(Path.Combine(folder, ChatTemplate.FileName)),
            TokenizerConfig = tokens?.Raw,
            GenerationConfig = generation?.Raw,
        };
    }

    /// <summary>Writes both files and the chat template: those that another program wrote as they were.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="tokenizer">The tokenizer with its settings.</param>
    /// <param name="contextLength">Of the model.</param>
    public static void Write(string folder, Tokenizer tokenizer, int contextLength)
    {
        tokenizer.ChatTemplate.Save(folder);
        WriteFile(Path.Combine(folder, GenerationConfig), tokenizer.Settings.GenerationConfig, json => ConfigFile.WriteTokenIds(json, tokenizer));
        WriteFile(Path.Combine(folder, TokenizerConfig), tokenizer.Settings.TokenizerConfig, json => WriteTokenizerConfig(json, tokenizer, contextLength));
    }

    private static string? ReadTemplate(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            if (new FileInfo(path).Length > Template.MaximumLength * 3L) throw new ReverieException($"{path} is too long for a chat template. Fetch the model again.");
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Check its permissions.", e);
        }
    }

    private static void WriteFile(string path, string? known, Action<Utf8JsonWriter> write)
    {
        if (known is not null)
        {
            AtomicFile.WriteText(path, known);
            return;
        }

        AtomicFile.Write(path, stream =>
        {
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        });
    }

    private static void WriteTokenizerConfig(Utf8JsonWriter json, Tokenizer tokenizer, int contextLength)
    {
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        json.WriteBoolean("add_bos_token", tokenizer.AddsBeginOfText);
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteNumber("model_max_length", contextLength);
        if (tokenizer.AddsBeginOfText) json.WriteString("bos_token", tokenizer.Spelling(tokenizer.BeginOfText!.Value));
        int? endOfText = tokenizer.DocumentEnd;
        int? end = tokenizer.Id(SpecialToken.MessageEnd) ?? (tokenizer.Settings.EndTokens.Count > 0 ? tokenizer.Settings.EndTokens[0] : endOfText);
        if (end is int eos) json.WriteString("eos_token", tokenizer.Spelling(eos));
        if ((tokenizer.Settings.Padding ?? endOfText ?? end) is int pad) json.WriteString("pad_token", tokenizer.Spelling(pad));
    }
}
