using System.Text.Json;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>Questions from a file of JSON lines. Training goes round and round in new orders; the other splits are the file once, as it stands.</summary>
/// <param name="path">The file.</param>
public abstract class QuestionFile(string path) : ITaskSet
{
    private Question[]? _questions;

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <summary>The questions in the order of the file.</summary>
    /// <exception cref="ReverieException">The file cannot be read, or a line is not as it should be.</exception>
    public IReadOnlyList<Question> Questions => _questions ??= ReadAll();

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        if (split != Split.Train) return Questions;
        return Endless(new RandomStream(seed, $"tasks/{Name}"));
    }

    /// <summary>The question of one line.</summary>
    /// <exception cref="FormatException">A field is missing or wrong; the message says which.</exception>
    protected abstract Question Read(JsonElement line);

    /// <summary>The text of the first of these fields that there is; a number as its digits.</summary>
    /// <exception cref="FormatException">There is none of them.</exception>
    protected static string Text(JsonElement line, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
            if (line.TryGetProperty(name, out JsonElement value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number) return value.ToString();
        throw new FormatException($"there is no {string.Join(" or ", names!)}");
    }

    private IEnumerable<TaskItem> Endless(RandomStream random)
    {
        Question[] order = [.. Questions];
        while (true)
        {
            random.Shuffle(order.AsSpan());
            foreach (Question question in order) yield return question;
        }
    }

    private Question[] ReadAll()
    {
        var questions = new List<Question>();
        int number = 0;
        try
        {
            foreach (string line in File.ReadLines(path))
            {
                number++;
                if (string.IsNullOrWhiteSpace(line)) continue;
                using var json = JsonDocument.Parse(line);
                questions.Add(json.RootElement.ValueKind == JsonValueKind.Object ? Read(json.RootElement) : throw new FormatException("this is no object"));
            }
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw new ReverieException($"{path}:{number}: {(e is JsonException ? "this is not JSON" : e.Message)}. Write one question a line, as a JSON object.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ReverieException($"Cannot read {path}: {e.Message.TrimEnd('.')}. Check the path.", e);
        }

        return questions.Count > 0 ? [.. questions] : throw new ReverieException($"{path} holds no questions. Write one a line, as a JSON object.");
    }
}
