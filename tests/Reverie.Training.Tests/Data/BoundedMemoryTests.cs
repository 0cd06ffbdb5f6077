using System.Text;

namespace Reverie.Training.Tests;

/// <summary>Measures the whole process, so it runs alone.</summary>
[CollectionDefinition(nameof(BoundedMemoryTests), DisableParallelization = true)]
[Collection(nameof(BoundedMemoryTests))]
public class BoundedMemoryTests
{
    [Fact]
    public void A_line_of_64_MB_streams_in_bounded_memory()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("line.txt");
        byte[] block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("abcdefgh", 1 << 17)));
        using (FileStream stream = File.Create(path))
        {
            for (int i = 0; i < 64; i++) stream.Write(block);
        }

        long length = 0, largest = 0;
        GC.Collect();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int count = 0;
        foreach (string document in TextDocuments.Read(path, 32 << 10))
        {
            length += document.Length;
            if (++count % 500 == 0) largest = Math.Max(largest, GC.GetTotalMemory(forceFullCollection: true) - before);
        }

        Assert.Equal(64L << 20, length);
        Assert.InRange(largest, 0, 8 << 20);
    }
}
