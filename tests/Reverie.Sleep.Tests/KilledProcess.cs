using System.Diagnostics;

namespace Reverie.Sleep.Tests;

/// <summary>One of this program's tests as a process of its own, which is killed while it works.</summary>
internal static class KilledProcess
{
    /// <summary>Starts a test and kills it.</summary>
    /// <param name="test">The class of the test.</param>
    /// <param name="method">The test; it sees the variable and knows by it that it is to be killed.</param>
    /// <param name="variable">The variable.</param>
    /// <param name="value">Its value.</param>
    /// <param name="after">How long after its first sign of work.</param>
    /// <param name="isSign">Takes each line of its output, and says whether it is a sign of work.</param>
    public static async Task RunAsync(Type test, string method, string variable, string value, TimeSpan after, Func<string, bool> isSign)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, test.Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : "")), ["-method", $"{test.FullName}.{method}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[variable] = value;
        using Process process = Process.Start(start)!;
        try
        {
            bool isFirst = true;
            while (await process.StandardOutput.ReadLineAsync() is { } line)
            {
                if (!isSign(line) || !isFirst) continue;
                isFirst = false;
                _ = Task.Delay(after).ContinueWith(_ => process.Kill(), TaskScheduler.Default);
            }

            await process.WaitForExitAsync();
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }
}
