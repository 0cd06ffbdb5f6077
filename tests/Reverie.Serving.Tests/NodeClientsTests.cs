using System.ComponentModel;
using System.Diagnostics;

namespace Reverie.Serving.Tests;

/// <summary>The clients of OpenAI and Anthropic from npm; without npm, or a registry, there is nothing to test.</summary>
public sealed class NodeClientsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_packages_of_npm_answer_stream_call_and_embed()
    {
        string folder = Path.Combine(Root(), "bench", "clients");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "openai")))
        {
            (int code, string said) = await RunAsync(folder, "npm", "install", "--no-package-lock", "--no-audit", "--no-fund");
            Assert.SkipUnless(code == 0, $"npm cannot install the clients: {said}");
        }

        await using TestServer server = await TestServer.StartAsync(context: 2048);
        string url = server.Url.ToString().TrimEnd('/');
        foreach (string script in new[] { "openai.mjs", "anthropic.mjs" })
        {
            (int code, string said) = await RunAsync(folder, "node", script, url);
            Assert.True(code == 0, said);
        }
    }

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Reverie.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    private static async Task<(int Code, string Said)> RunAsync(string folder, string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync(Cancel), error = process.StandardError.ReadToEndAsync(Cancel);
            await process.WaitForExitAsync(Cancel);
            return (process.ExitCode, await output + await error);
        }
        catch (Win32Exception exception)
        {
            return (-1, exception.Message);
        }
    }
}
