namespace Reverie.Tensors.Tests;

public sealed class AtomicFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("reverie-atomic-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Writing_makes_the_folder_and_replaces_the_file()
    {
        string path = Path.Combine(_folder, "a", "b", "file.txt");
        AtomicFile.WriteText(path, "old");
        AtomicFile.WriteText(path, "new, with é");
        Assert.Equal("new, with é"u8.ToArray(), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public void A_failure_halfway_leaves_the_old_file_and_nothing_else()
    {
        string path = Path.Combine(_folder, "file.bin");
        AtomicFile.WriteText(path, "old");
        var failure = Assert.Throws<ReverieException>(() => AtomicFile.Write(path, stream =>
        {
            stream.Write("half of the new"u8);
            throw new IOException("No space left on device.");
        }));
        Assert.Contains("No space left on device. Free some space", failure.Message);
        Assert.Throws<InvalidOperationException>(() => AtomicFile.Write(path, _ => throw new InvalidOperationException()));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_path_that_cannot_be_written_gives_one_clear_line()
    {
        string file = Path.Combine(_folder, "file");
        AtomicFile.WriteText(file, "a file, not a folder");
        var failure = Assert.Throws<ReverieException>(() => AtomicFile.WriteText(Path.Combine(file, "below"), "x"));
        Assert.DoesNotContain('\n', failure.Message);
        Assert.Contains("Cannot write", failure.Message);
    }
}
