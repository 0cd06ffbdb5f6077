using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>A file with one JSON object a line.</summary>
internal static class JsonLinesFile
{
    /// <summary>Reads all objects with the place of each for messages; blank lines are left out.</summary>
    /// <exception cref="ReverieException">The file is not there, empty, or a line is no object.</exception>
    public static List<(JsonElement Document, string Where)> Read(string path)
    {
        var documents = new List<(JsonElement, string)>();
        int number = 0;
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                using var json = JsonDocument.Parse(line);
                if (json.RootElement.ValueKind != JsonValueKind.Object) throw new ReverieException($"{path}:{number}: this is not a JSON object. Write one object a line.");
                documents.Add((json.RootElement.Clone(), $"{path}:{number}"));
            }
        }
        catch (JsonException e)
        {
            throw new ReverieException($"{path}:{number}: this is not valid JSON. Write one object a line.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }

        if (documents.Count == 0) throw new ReverieException($"{path} has no lines. Give a file with one JSON object a line.");
        return documents;
    }
}
