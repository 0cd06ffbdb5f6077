namespace Reverie.Web;

/// <summary>A run in the workspace.</summary>
/// <param name="Id">Its id, the name of its folder.</param>
/// <param name="Changed">When its metrics last grew, UTC.</param>
/// <param name="IsRunning">Whether they grew a moment ago.</param>
internal sealed record RunEntry(string Id, DateTime Changed, bool IsRunning)
{
    private static readonly TimeSpan _moment = TimeSpan.FromSeconds(90);

    /// <summary>All runs, those that changed last first.</summary>
    /// <param name="workspace">The workspace's folder.</param>
    public static IReadOnlyList<RunEntry> All(string workspace)
    {
        var folder = new DirectoryInfo(Path.Combine(workspace, "runs"));
        if (!folder.Exists) return [];
        return [.. folder.EnumerateDirectories().Where(d => File.Exists(Path.Combine(d.FullName, "run.json"))).Select(Read).OrderByDescending(r => r.Changed)];
    }

    private static RunEntry Read(DirectoryInfo folder)
    {
        var metrics = new FileInfo(Path.Combine(folder.FullName, "metrics.jsonl"));
        DateTime changed = metrics.Exists ? metrics.LastWriteTimeUtc : folder.LastWriteTimeUtc;
        // Its state goes away when it comes to its end.
        return new RunEntry(folder.Name, changed, DateTime.UtcNow - changed < _moment && File.Exists(Path.Combine(folder.FullName, "state.safetensors")));
    }
}
