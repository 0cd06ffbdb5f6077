using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Serving;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Web;

/// <summary>
/// The replies that are being written, one a conversation. They end by themselves, when their user stops them, or when the server does; in each case
/// what was said goes to the journal.
/// </summary>
internal sealed class Replies(IJournal journal, Retriever retriever, IPageModels models, PageOptions options, ILogger<Replies> logger) : IHostedLifecycleService
{
    private const int MostCalls = 8, UnknownContext = 2048;

    private readonly ConcurrentDictionary<(string Owner, string Conversation), (LiveReply Live, Task Done)> _running = new();

    /// <summary>How many are being written.</summary>
    public int Count => _running.Count;

    /// <summary>The reply that is being written in a conversation; null where none is.</summary>
    public LiveReply? Find(string owner, string conversation) => _running.TryGetValue((owner, conversation), out (LiveReply Live, Task Done) found) && !found.Live.IsDone ? found.Live : null;

    /// <summary>Begins a reply.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="tree">The conversation.</param>
    /// <param name="parent">The message to answer.</param>
    /// <exception cref="ReverieException">A reply is being written there.</exception>
    public LiveReply Start(string owner, ConversationTree tree, string? parent)
    {
        var live = new LiveReply(owner, tree.Conversation.Id, parent);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task done = Task.Run(async () =>
        {
            await begun.Task;
            await RunAsync(live, tree, parent);
        });
        if (!_running.TryAdd((owner, tree.Conversation.Id), (live, done)))
        {
            begun.SetCanceled();
            live.Dispose();
            throw new ReverieException("A reply is being written in this conversation. Stop it first.");
        }

        begun.SetResult();
        return live;
    }

    /// <summary>Stops all replies before the connections are waited for, which can take all the time there is.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <summary>Stops all replies, also those that have begun meanwhile, and waits until what was said is in the journal.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        (LiveReply Live, Task Done)[] running = [.. _running.Values];
        foreach ((LiveReply live, _) in running) live.Stop();
        await Task.WhenAll(running.Select(r => r.Done)).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RunAsync(LiveReply live, ConversationTree tree, string? parent)
    {
        ChatSettings settings = ChatSettings.Parse(tree.Conversation.Details.Settings);
        string model = settings.Model ?? models.List().FirstOrDefault()?.Name ?? "";
        var writer = new ReplyWriter(journal, live, settings with { Model = model });
        string? error = null;
        try
        {
            try
            {
                IChatClient opened = models.Open(model, settings.Adapter);
                ReverieChatOptions asked = Options(live.Owner, settings);
                Recollection recalled = await RecallAsync(live, tree.Conversation.Details.SystemPrompt, tree.Path(parent), settings with { Model = model }, opened, asked);
                writer.Memories = recalled.Sources;
                using var client = new FunctionInvokingChatClient(new Borrowed(opened)) { MaximumIterationsPerRequest = MostCalls, IncludeDetailedErrors = true };
                await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(recalled.Messages, asked, live.Stopping)) await writer.AddAsync(update);
                await writer.FlushAsync(null);
            }
            catch (OperationCanceledException) when (live.Stopping.IsCancellationRequested)
            {
                await writer.FlushAsync("Cancelled");
            }
            catch (Exception e)
            {
                error = Explain(e);
                await writer.FlushAsync("Failed");
            }
        }
        catch (Exception e)
        {
            // The journal failed, or the conversation was deleted meanwhile.
            error = Explain(e);
        }
        finally
        {
            _running.TryRemove((live.Owner, live.Conversation), out _);
            live.Finish(error);
            live.Dispose();
        }
    }

    /// <summary>What the model reads: the branch, and before it what the user said elsewhere that fits.</summary>
    private async Task<Recollection> RecallAsync(LiveReply live, string? system, IReadOnlyList<JournalMessage> path, ChatSettings settings, IChatClient client, ChatOptions asked)
    {
        List<ChatMessage> messages = Prompt.Of(system, path);
        if (settings.Memory == false || path.LastOrDefault(m => m.Role is Role.User)?.Text is not { Length: > 0 } said) return new Recollection(messages, []);
        PromptRoom room;
        HeldFacts? held = null;
        if (client.GetService<ModelCatalog>() is { } catalog)
        {
            using ModelLease lease = await catalog.OpenAsync(settings.Model is { } model ? ModelCatalog.NameOf(model, settings.Adapter) : null, live.Owner, live.Stopping);
            room = lease.Model.RoomBeside(messages, asked);
            held = HeldFacts.Of(lease.Adapter, lease.AdapterFolders);
        }
        else
        {
            // Whoever else answers does not show its tokenizer.
            room = new PromptRoom(models.List().FirstOrDefault(m => m.Name == settings.Model)?.ContextLength ?? UnknownContext, messages.Sum(m => Estimate(m.Text)), 0, Estimate);
        }

        return await RecalledPrompt.RecallAsync(retriever, live.Owner, said, messages, room, path.Select(m => m.Id).ToHashSet(), held, live.Stopping);

        static int Estimate(string text) => (System.Text.Encoding.UTF8.GetByteCount(text) / 3) + 4;
    }

    private ReverieChatOptions Options(string owner, ChatSettings settings)
    {
        AITool[] tools = [.. options.Tools.Where(t => settings.ToolsOff?.Contains(t.Name) != true)];
        return new ReverieChatOptions
        {
            Temperature = (float?)settings.Temperature,
            TopP = (float?)settings.TopP,
            TopK = settings.TopK,
            MinP = (float?)settings.MinP,
            RepetitionPenalty = (float?)settings.RepetitionPenalty,
            Seed = settings.Seed,
            MaxOutputTokens = settings.MaxTokens,
            Tools = tools.Length == 0 ? null : tools,
            Owner = owner,
        };
    }

    private string Explain(Exception e)
    {
        if (e is ReverieException) return e.Message;
        logger.LogError(e, "A reply failed");
        return "The reply failed. The server's log says why.";
    }

    /// <summary>A client that outlives who uses it.</summary>
    private sealed class Borrowed(IChatClient inner) : DelegatingChatClient(inner)
    {
        protected override void Dispose(bool disposing) { }
    }
}
