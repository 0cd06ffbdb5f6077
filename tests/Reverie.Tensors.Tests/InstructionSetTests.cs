using System.Diagnostics;

namespace Reverie.Tensors.Tests;

/// <summary>Repeats the tests of the kernels in processes that may not use the widest vectors, and makes sure that they really do not.</summary>
public sealed class InstructionSetTests
{
    [Theory]
    [InlineData("DOTNET_EnableAVX512", 256)]
    [InlineData("DOTNET_EnableAVX2", 128)]
    [InlineData("DOTNET_EnableHWIntrinsic", 0)]
    public async Task Kernels_hold_without(string knob, int bits)
    {
        Assert.SkipWhen(bits > VectorWidthTests.Widest, $"This machine's vectors have {VectorWidthTests.Widest} bits.");
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Reverie.Tensors.Tests.exe" : "Reverie.Tensors.Tests"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[knob] = "0";
        start.Environment[VectorWidthTests.Variable] = bits.ToString();
        foreach (Type type in new[] { typeof(VectorWidthTests), typeof(GradientTests), typeof(KernelTests), typeof(CachedAttentionTests), typeof(LowRankTests), typeof(TrainingStepTests) })
        {
            start.ArgumentList.Add("-class");
            start.ArgumentList.Add(type.FullName!);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, output + await errors);
        Assert.Contains("Failed: 0", output);
        Assert.DoesNotContain("Total: 0", output);
    }
}
