using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Reverie.Chat;

namespace Reverie.Cli.Benchmarks;

/// <summary>Clients that come, cancel and vanish at random; afterwards nothing of them must be left.</summary>
internal static class ServeSoak
{
    /// <summary>What a soak has found.</summary>
    /// <param name="Requests">Requests that were sent.</param>
    /// <param name="Whole">Streams that were read to the end.</param>
    /// <param name="Left">Requests whose clients cancelled or vanished.</param>
    /// <param name="Errors">Requests that failed though their clients stayed.</param>
    /// <param name="Stuck">Requests that the model still had long after the last client was gone.</param>
    /// <param name="ManagedBefore">Bytes of managed memory after a tenth of the time.</param>
    /// <param name="ManagedAfter">The same at the end.</param>
    /// <param name="WorkingBefore">Bytes of the process after a tenth of the time.</param>
    /// <param name="WorkingAfter">The same at the end.</param>
    public sealed record Result(long Requests, long Whole, long Left, long Errors, int Stuck, long ManagedBefore, long ManagedAfter, long WorkingBefore, long WorkingAfter);

    /// <summary>Runs it.</summary>
    public static async Task<Result> RunAsync(ServeLoad load, ChatModel model, string url, int clients, TimeSpan time, TextWriter log)
    {
        long requests = 0, whole = 0, left = 0, errors = 0;
        var address = new Uri(url);
        long began = Stopwatch.GetTimestamp();
        Task[] running = [.. Enumerable.Range(0, clients).Select(c => Task.Run(() => ClientAsync(c)))];
        await Task.Delay(time / 10).ConfigureAwait(false);
        (long managedBefore, long workingBefore) = Memory();
        while (await Task.WhenAny(Task.WhenAll(running), Task.Delay(TimeSpan.FromSeconds(30))).ConfigureAwait(false) is { } first && running.Any(r => !r.IsCompleted) && !first.IsFaulted)
            log.WriteLine($"{Stopwatch.GetElapsedTime(began).TotalSeconds:F0} s: {requests} requests, {whole} whole, {left} left, {errors} errors, {Figures.Bytes(Environment.WorkingSet)}");
        await Task.WhenAll(running).ConfigureAwait(false);
        for (int i = 0; i < 100 && model.PendingCount > 0; i++) await Task.Delay(100).ConfigureAwait(false);
        (long managedAfter, long workingAfter) = Memory();
        return new Result(requests, whole, left, errors, model.PendingCount, managedBefore, managedAfter, workingBefore, workingAfter);

        async Task ClientAsync(int client)
        {
            var random = new Random(client);
            while (Stopwatch.GetElapsedTime(began) < time)
            {
                Interlocked.Increment(ref requests);
                string body = load.Body(ServeLoad.Prompt(random.Next(1, 100), random.Next()), random.Next(1, 120), random.Next());
                int fate = random.Next(10);
                try
                {
                    if (fate < 5)
                    {
                        (_, bool isWhole, HttpStatusCode status) = await load.StreamAsync(body).ConfigureAwait(false);
                        if (status == HttpStatusCode.OK && isWhole) Interlocked.Increment(ref whole);
                        else Interlocked.Increment(ref errors);
                    }
                    else if (fate < 8)
                    {
                        using var cancel = new CancellationTokenSource(random.Next(1, 500));
                        await load.StreamAsync(body, cancel.Token).ConfigureAwait(false);
                        Interlocked.Increment(ref whole);
                    }
                    else
                    {
                        await VanishAsync(body, random).ConfigureAwait(false);
                        Interlocked.Increment(ref left);
                    }
                }
                catch (OperationCanceledException)
                {
                    Interlocked.Increment(ref left);
                }
                catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
                {
                    if (Interlocked.Increment(ref errors) < 5) log.WriteLine(exception.Message);
                }
            }
        }

        async Task VanishAsync(string body, Random random)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(address.Host, address.Port).ConfigureAwait(false);
            byte[] request = Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

            // Some go in the middle of their own request.
            await socket.SendAsync(request.AsMemory(0, random.Next(4) == 0 ? random.Next(1, request.Length) : request.Length)).ConfigureAwait(false);
            await Task.Delay(random.Next(200)).ConfigureAwait(false);
            if (random.Next(2) == 0) socket.LingerState = new LingerOption(true, 0);
        }
    }

    private static (long Managed, long Working) Memory()
    {
        long managed = GC.GetTotalMemory(forceFullCollection: true);
        return (managed, Environment.WorkingSet);
    }
}
