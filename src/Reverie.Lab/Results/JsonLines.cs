using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>A file of one JSON object a line that only grows. A line is on the disk when <see cref="Add"/> returns; half a line, which a process that was killed left, is taken back at the next reading.</summary>
internal static class JsonLines
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a file; nothing where there is none.</summary>
    /// <exception cref="ReverieException">It is damaged elsewhere than at its end.</exception>
    public static List<T> Read<T>(string path)
    {
        if (!File.Exists(path)) return [];
        string text = File.ReadAllText(path);
        int end = text.LastIndexOf('\n') + 1;
        if (end < text.Length) AtomicFile.WriteText(path, text[..end]);
        return [.. text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select((line, i) =>
        {
            try
            {
                return JsonSerializer.Deserialize<T>(line, _json) ?? throw new JsonException("it is null");
            }
            catch (JsonException e)
            {
                throw new ReverieException($"Line {i + 1} of {path} is damaged: {e.Message.ReplaceLineEndings(" ")} Delete the folder to begin anew.", e);
            }
        })];
    }

    /// <summary>Writes a line.</summary>
    /// <exception cref="ReverieException">The disk is full or the folder is gone.</exception>
    public static void Add<T>(string path, T line)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, _json), (byte)'\n']);
            file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new ReverieException($"Cannot write {path}: {e.Message.TrimEnd('.')}. Make room and start again: what is finished stays.", e);
        }
    }
}
