using System.Globalization;
using System.Text;

namespace Reverie.Web.Tests;

/// <summary>A run's folder as training leaves it.</summary>
internal static class Runs
{
    /// <summary>Writes a run with a sample every ten steps, and a few steps of reinforcement learning at its end.</summary>
    public static void Write(string workspace, string id, int steps, bool runs = false, string sample = "The owl said hoo")
    {
        string folder = Directory.CreateDirectory(Path.Combine(workspace, "runs", id)).FullName;
        var lines = new StringBuilder();
        for (int i = 1; i <= steps; i++)
        {
            lines.AppendLine(CultureInfo.InvariantCulture, $$"""{"step":{{i}},"stage":"pretrain","loss":{{6 * Math.Exp(-i / 40.0) + 1.4 + 0.1 * Math.Sin(i * 1.7):0.####}},"bits_per_byte":2.1,"tokens":4096,"gradient_norm":{{1 + 0.3 * Math.Sin(i):0.###}},"learning_rate":{{0.004 * Math.Min(1, i / 20.0):0.#####}},"seconds":0.2,"tokens_per_second":{{20000 + 300 * Math.Sin(i):0}}}""");
            if (i % 10 == 0) lines.AppendLine(CultureInfo.InvariantCulture, $$"""{"step":{{i}},"stage":"pretrain","sample":"{{sample}} {{i}} times."}""");
        }

        if (!runs) for (int i = 1; i <= 20; i++) lines.AppendLine(CultureInfo.InvariantCulture, $$"""{"step":{{steps + i}},"stage":"rl","pass_at_1":{{0.3 + i * 0.02:0.##}},"pass_at_k":{{0.5 + i * 0.02:0.##}},"entropy":{{1.2 - i * 0.02:0.##}},"rollouts":32,"reward/right":{{0.3 + i * 0.02:0.##}}}""");
        File.WriteAllText(Path.Combine(folder, "metrics.jsonl"), lines.ToString());
        if (runs) File.WriteAllText(Path.Combine(folder, "state.safetensors"), "");
        File.WriteAllText(Path.Combine(folder, "run.json"), """{"options":{},"threads":2,"seconds":31}""");
    }
}
