using System.Text;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;
using Reverie.Worlds;

namespace Reverie.Training;

/// <summary>
/// Reads JSON lines: one object a line, with <c>text</c>, or <c>messages</c> / <c>conversations</c> (a list of
/// role and content), or <c>question</c> and <c>answer</c>. Blank lines and empty texts are left out.
/// </summary>
internal static class JsonLines
{
    /// <summary>The longest line, in bytes: what is longer is not a document but a file in the wrong format.</summary>
    public const int MaximumLine = 1 << 25;

    /// <summary>Reads the documents of a file.</summary>
    /// <exception cref="ReverieException">A line is no such object; the message gives file and line.</exception>
    public static IEnumerable<Document> Read(string path, string source)
    {
        using FileStream stream = DataFiles.Open(path);
        byte[] buffer = new byte[1 << 16];
        int start = 0, end = 0;
        long number = 0;
        bool ended = false;
        while (!ended || start < end)
        {
            int newline = buffer.AsSpan(start, end - start).IndexOf((byte)'\n');
            int length = newline < 0 ? end - start : newline;
            if (length > MaximumLine)
                throw new ReverieException($"{path}:{number + 1}: the line is longer than {MaximumLine >> 20} MB; write one JSON object a line, or give plain text as .txt.");
            if (newline < 0 && !ended)
            {
                if (start > 0)
                {
                    buffer.AsSpan(start, end - start).CopyTo(buffer);
                    (start, end) = (0, end - start);
                }

                if (end == buffer.Length) Array.Resize(ref buffer, buffer.Length * 2);
                int read = DataFiles.Read(stream, buffer.AsSpan(end), path);
                ended = read < buffer.Length - end;
                end += read;
                continue;
            }

            ReadOnlyMemory<byte> line = buffer.AsMemory(start, length);
            start = newline < 0 ? end : start + length + 1;
            number++;
            if (number == 1 && line.Span.StartsWith(Encoding.UTF8.Preamble)) line = line[Encoding.UTF8.Preamble.Length..];
            if (line.Span.IndexOfAnyExcept(" \t\r"u8) < 0) continue;
            if (Parse(line, $"{path}:{number}", source) is { } document) yield return document;
        }
    }

    /// <summary>Reads one line; null where its text is empty.</summary>
    /// <exception cref="ReverieException">The line is no such object.</exception>
    public static Document? Parse(ReadOnlyMemory<byte> line, string where, string source)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            JsonElement root = json.RootElement;
            if (root.ValueKind == JsonValueKind.Array)
                throw new ReverieException($"{where}: this is a JSON array; write one object a line (jq -c '.[]' does that).");
            if (root.ValueKind != JsonValueKind.Object)
                throw new ReverieException($"{where}: this is not a JSON object; write one object a line, with text or messages.");
            if (root.TryGetProperty("text", out JsonElement text))
                return String(text, "text", where) is { Length: > 0 } content ? new Document(source, content) : null;
            if (root.TryGetProperty("messages", out JsonElement list) || root.TryGetProperty("conversations", out list))
                return Conversation(list, where) is { Count: > 0 } messages ? new Document(source, messages) : null;
            if (root.TryGetProperty("question", out JsonElement question) && root.TryGetProperty("answer", out JsonElement answer))
                return new Document(source, [new Message(Role.User, String(question, "question", where)), new Message(Role.Assistant, String(answer, "answer", where))]);
            throw new ReverieException($"{where}: found {Fields(root)}, but none of text, messages, conversations, or question with answer; rename the fields.");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader's own message can quote the line; its position is what helps.
            string position = e is JsonException { BytePositionInLine: long at } ? $" at byte {at}" : "";
            throw new ReverieException($"{where}: this is not valid JSON in UTF-8{position}; write one object a line.", e);
        }
    }

    /// <summary>The role called <paramref name="name"/>, in the words of ChatML or of ShareGPT.</summary>
    /// <exception cref="ReverieException">No such role.</exception>
    public static Role RoleOf(string name, string where) => name switch
    {
        "system" or "developer" => Role.System,
        "user" or "human" => Role.User,
        "assistant" or "gpt" or "model" => Role.Assistant,
        "tool" or "function" => Role.Tool,
        _ => throw new ReverieException($"{where}: there is no role {Shown(name)}; use system, user, assistant or tool."),
    };

    private static List<Message> Conversation(JsonElement list, string where)
    {
        if (list.ValueKind != JsonValueKind.Array) throw new ReverieException($"{where}: messages is {Kind(list)}; give a list of objects with role and content.");
        var messages = new List<Message>();
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw new ReverieException($"{where}: a message is {Kind(item)}; give an object with role and content.");
            if (!((item.TryGetProperty("role", out JsonElement role) && item.TryGetProperty("content", out JsonElement content)) ||
                (item.TryGetProperty("from", out role) && item.TryGetProperty("value", out content))))
                throw new ReverieException($"{where}: a message has {Fields(item)}; give it role and content.");
            messages.Add(new Message(RoleOf(String(role, "role", where), where), String(content, "content", where)));
        }

        return messages;
    }

    private static string String(JsonElement value, string field, string where) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.Null => "",
        _ => throw new ReverieException($"{where}: {field} is {Kind(value)}; give a string."),
    };

    private static string Fields(JsonElement element)
    {
        string[] names = [.. element.EnumerateObject().Select(p => Shown(p.Name)).Take(10)];
        return names.Length == 0 ? "no fields" : "the fields " + string.Join(", ", names);
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        JsonValueKind.Number => "a number",
        JsonValueKind.String => "a string",
        JsonValueKind.Null => "null",
        _ => "true or false",
    };

    private static string Shown(string name)
    {
        // What a file holds goes into one line of a message, whatever it is.
        string clean = string.Concat(name.Take(40).Select(c => char.IsControl(c) ? '?' : c));
        return name.Length > 40 ? clean + "..." : clean;
    }
}
