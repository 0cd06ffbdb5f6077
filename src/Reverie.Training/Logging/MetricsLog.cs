using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Reverie.Tensors;

namespace Reverie.Training;

/// <summary>
/// <c>metrics.jsonl</c>: one JSON object a line, each with a <c>step</c>, appended and flushed, so that it can be followed live and
/// nothing is lost in a crash. A run that resumes from a checkpoint opens it at the checkpoint's step: what the stopped run wrote
/// after that step, and a last line that it wrote half, go away, and the file becomes that of an uninterrupted run.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private readonly FileStream _stream;
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly string _path;

    /// <summary>Opens the log.</summary>
    /// <param name="path">The file; made if need be, with its folder.</param>
    /// <param name="resumeAfter">The last step to keep; null starts a new log and drops what is there.</param>
    /// <exception cref="ReverieException">The file cannot be read or written.</exception>
    public MetricsLog(string path, long? resumeAfter = null)
    {
        _path = path;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            long keep = resumeAfter is { } step && File.Exists(path) ? KeptLength(path, step) : 0;
            _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, 1);
            _stream.SetLength(keep);
            _stream.Seek(0, SeekOrigin.End);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failed(e);
        }
    }

    /// <summary>Appends a line with the step and the values, in their order. A value that is not a finite number becomes null.</summary>
    /// <exception cref="ReverieException">The file cannot be written.</exception>
    public void Write(long step, params ReadOnlySpan<(string Name, double Value)> values)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", step);
            foreach ((string name, double value) in values)
            {
                if (double.IsFinite(value)) json.WriteNumber(name, value);
                else json.WriteNull(name);
            }

            json.WriteEndObject();
        }

        Append();
    }

    /// <summary>Appends a line with the step and the properties of <paramref name="record"/>, for what is not numbers alone.</summary>
    /// <exception cref="ReverieException">The file cannot be written.</exception>
    public void Write(long step, JsonObject record)
    {
        _line.ResetWrittenCount();
        using (var json = new Utf8JsonWriter(_line))
        {
            json.WriteStartObject();
            json.WriteNumber("step", step);
            foreach ((string name, JsonNode? value) in record)
            {
                json.WritePropertyName(name);
                if (value is null) json.WriteNullValue();
                else value.WriteTo(json);
            }

            json.WriteEndObject();
        }

        Append();
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _stream.Dispose();

    /// <summary>Bytes up to the first line that is broken or of a later step.</summary>
    private static long KeptLength(string path, long lastStep)
    {
        ReadOnlySpan<byte> rest = File.ReadAllBytes(path);
        long kept = 0;
        while (rest.IndexOf((byte)'\n') is int newline and >= 0)
        {
            if (StepOf(rest[..newline]) is not { } step || step > lastStep) break;
            kept += newline + 1;
            rest = rest[(newline + 1)..];
        }

        return kept;
    }

    private static long? StepOf(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            return JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Object } json &&
                json.TryGetProperty("step", out JsonElement step) && step.TryGetInt64(out long value) ? value : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private void Append()
    {
        _line.Write("\n"u8);
        try
        {
            _stream.Write(_line.WrittenSpan);
        }
        catch (IOException e)
        {
            throw Failed(e);
        }
    }

    private ReverieException Failed(Exception e) =>
        new($"Cannot write {_path}: {e.Message.TrimEnd('.')}. Free some space or choose another workspace.", e);
}
