using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>Reads the files that a run leaves, as far as they are whole: what is damaged is left out and counted, for a report can do without it.</summary>
/// <param name="folder">The run's folder.</param>
internal sealed class RunLines(string folder)
{
    /// <summary>How the files of a run name things; a missing or null field is damage.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly List<string> _warnings = [];

    /// <summary>What was left out, a sentence a file.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The objects of a file of JSON lines; none where there is no such file.</summary>
    public List<T> Lines<T>(string name, Func<T, bool> isWhole)
    {
        var items = new List<T>();
        int damaged = 0;
        foreach (string line in Text(name)?.Split('\n') ?? [])
        {
            if (string.IsNullOrWhiteSpace(line)) continue;
            if (Parse<T>(line) is { } item && isWhole(item)) items.Add(item);
            else damaged++;
        }

        if (damaged > 0) _warnings.Add($"{name}: {damaged} damaged {(damaged == 1 ? "line was" : "lines were")} left out.");
        return items;
    }

    /// <summary>The content of a file of JSON; null where there is no such file.</summary>
    public T? Whole<T>(string name, Func<T, bool> isWhole) where T : class
    {
        if (Text(name) is not { } text) return null;
        if (Parse<T>(text) is { } item && isWhole(item)) return item;
        _warnings.Add($"{name} is damaged and was left out.");
        return null;
    }

    private string? Text(string name)
    {
        string path = Path.Combine(folder, name);
        try
        {
            if (!File.Exists(path)) return null;
            // A run may be writing to it at this moment.
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            return reader.ReadToEnd();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check that you may read it.", e);
        }
    }

    private static T? Parse<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Json);
        }
        // The second: an escaped half of a surrogate pair is no text.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default;
        }
    }
}
