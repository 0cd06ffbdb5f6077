using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Chat;

/// <summary>
/// Saves a conversation, readable by its owner alone: as a line of JSON with <c>messages</c>, as <c>raise --data</c> reads them,
/// or as plain text, by the file's ending.
/// </summary>
internal static class ConversationFile
{
    /// <summary>Writes the file, atomically.</summary>
    /// <exception cref="ReverieException">It cannot be written; an old one is untouched.</exception>
    public static void Save(string path, IReadOnlyList<Message> messages)
    {
        bool isJson = Path.GetExtension(path).ToLowerInvariant() is ".json" or ".jsonl";
        AtomicFile.Write(path, stream =>
        {
            if (!OperatingSystem.IsWindows() && stream is FileStream file) File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            stream.Write(isJson ? Json(messages) : Encoding.UTF8.GetBytes(PlainText(messages)));
        });
    }

    private static byte[] Json(IReadOnlyList<Message> messages)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("messages");
            foreach (Message message in messages)
            {
                json.WriteStartObject();
                json.WriteString("role", message.Role.ToString().ToLowerInvariant());
                json.WriteString("content", message.Content);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static string PlainText(IReadOnlyList<Message> messages) =>
        string.Concat(messages.Select(m => $"{m.Role}: {m.Content}\n\n"));
}
