using System.Text.Json.Nodes;

namespace Reverie.Training.Tests;

public class MetricsLogTests
{
    [Fact]
    public void Each_line_is_one_object_and_is_there_at_once()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("runs/1/metrics.jsonl");
        using var log = new MetricsLog(path);
        log.Write(1, ("loss", 2.5), ("norm", double.NaN));
        log.Write(2, new JsonObject { ["sample"] = "Once\nupon", ["scores"] = new JsonArray(1, 2), ["none"] = null });
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        Assert.Equal("""{"step":1,"loss":2.5,"norm":null}""", reader.ReadLine());
        Assert.Equal("""{"step":2,"sample":"Once\nupon","scores":[1,2],"none":null}""", reader.ReadLine());
        Assert.Null(reader.ReadLine());
    }

    [Fact]
    public void Resumed_log_equals_the_uninterrupted_one_wherever_it_was_cut()
    {
        using var folder = new TemporaryFolder();
        string path = folder.At("metrics.jsonl");
        static void WriteSteps(MetricsLog log, int from)
        {
            for (int step = from; step <= 9; step++)
            {
                log.Write(step, ("loss", 1.0 / step));
                if (step % 3 == 0) log.Write(step, ("held_out", step));
            }
        }

        using (var log = new MetricsLog(path)) WriteSteps(log, 1);
        byte[] whole = File.ReadAllBytes(path);
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using (var log = new MetricsLog(path, resumeAfter: 3)) WriteSteps(log, 4);
            // Up to step 3 there are four lines: what a checkpoint at step 3 has seen written.
            if (whole.AsSpan(0, length).Count((byte)'\n') >= 4) Assert.Equal(whole, File.ReadAllBytes(path));
            else Assert.All(File.ReadAllLines(path), line => Assert.NotNull(JsonNode.Parse(line)));
        }
    }

    [Fact]
    public void A_new_log_drops_the_old_one_and_broken_lines_end_what_is_kept()
    {
        using var folder = new TemporaryFolder();
        string path = folder.Write("metrics.jsonl", "{\"step\":1}\n{\"step\":2}\nnonsense\n{\"step\":2}\n");
        using (new MetricsLog(path, resumeAfter: 5)) { }
        Assert.Equal("{\"step\":1}\n{\"step\":2}\n", File.ReadAllText(path));
        using (new MetricsLog(path)) { }
        Assert.Empty(File.ReadAllText(path));
        Assert.Contains("Cannot write", Refusal.Of(() => new MetricsLog(Path.Combine(path, "metrics.jsonl"))));
    }
}
