using System.Text.Json;
using System.Text.Json.Serialization;
using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>
/// The days that are finished, one line of JSON each. A line is on the disk when <see cref="Add"/> returns; half a line, which a process that was
/// killed left, goes at the next opening.
/// </summary>
public sealed class LabResults
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "results.jsonl";

    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    private readonly string _path;
    private readonly List<LabDay> _days = [];

    /// <summary>Opens the results of a folder, or begins them.</summary>
    /// <exception cref="ReverieException">The file is damaged elsewhere than at its end.</exception>
    public LabResults(string folder)
    {
        _path = Path.Combine(folder, FileName);
        Directory.CreateDirectory(folder);
        if (!File.Exists(_path)) return;
        string text = File.ReadAllText(_path);
        int end = text.LastIndexOf('\n') + 1;
        string[] lines = text[..end].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < lines.Length; i++)
        {
            try
            {
                _days.Add(JsonSerializer.Deserialize<LabDay>(lines[i], _json) ?? throw new JsonException("it is null"));
            }
            catch (JsonException e)
            {
                throw new ReverieException($"Line {i + 1} of {_path} is damaged: {e.Message.ReplaceLineEndings(" ")} Delete the folder to begin anew.", e);
            }
        }

        if (end < text.Length) AtomicFile.WriteText(_path, text[..end]);
    }

    /// <summary>All days of all arms and seeds, in the order in which they were finished.</summary>
    public IReadOnlyList<LabDay> Days => _days;

    /// <summary>A finished day; null where it is not.</summary>
    public LabDay? Find(ulong seed, int day, string arm) => _days.Find(d => d.Seed == seed && d.Day == day && d.Arm == arm);

    /// <summary>Writes a finished day.</summary>
    /// <exception cref="ReverieException">The disk is full or the folder is gone.</exception>
    public void Add(LabDay day)
    {
        try
        {
            using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
            file.Write(JsonSerializer.SerializeToUtf8Bytes(day, _json));
            file.WriteByte((byte)'\n');
            file.Flush(flushToDisk: true);
        }
        catch (IOException e)
        {
            throw new ReverieException($"Cannot write {_path}: {e.Message.TrimEnd('.')}. Make room and start again: what is finished stays.", e);
        }

        _days.Add(day);
    }
}
