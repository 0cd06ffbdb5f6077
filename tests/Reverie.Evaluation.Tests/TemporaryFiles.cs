namespace Reverie.Evaluation.Tests;

/// <summary>A folder for one test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    public TemporaryFiles() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "reverie-evaluation-" + Path.GetRandomFileName());

    public string Write(string name, params string[] lines)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, string.Join('\n', lines));
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
