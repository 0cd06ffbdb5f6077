using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Chat;

/// <summary>
/// A loaded model that replies to conversations, any number of them at once: all run in one batch on the <see cref="Engine"/>, and each gets
/// what it would get alone. Any thread may call it.
/// </summary>
public sealed partial class ChatModel : IAsyncDisposable
{
    private readonly Engine _engine;
    private readonly Checkpoint _checkpoint;
    private readonly ChatModelOptions _options;
    private readonly ReplyConstraints _constraints;
    private readonly HashSet<ReplyChannel> _open = [];
    private Exception? _failure;

    private ChatModel(Engine engine, Checkpoint checkpoint, string id, ChatModelOptions options)
    {
        (_engine, _checkpoint, Id, _options) = (engine, checkpoint, id, options);
        _constraints = new ReplyConstraints(checkpoint.Tokenizer);
        Generator = new Generator(checkpoint.Transformer, checkpoint.Tokenizer, engine.Kernels, options.Generator);
    }

    /// <summary>Name and version, such as <c>reverie@3</c>, or the name of the folder or file.</summary>
    public string Id { get; }

    /// <summary>Who the model is, by the hash of its weights; empty where it has no lineage.</summary>
    public string Hash => _checkpoint.Lineage?.Id ?? "";

    /// <summary>When it was made.</summary>
    public DateTime Created => _checkpoint.Lineage?.Created ?? File.GetLastWriteTimeUtc(_checkpoint.Folder);

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer => _checkpoint.Tokenizer;

    /// <summary>The weights.</summary>
    public Transformer Transformer => _checkpoint.Transformer;

    /// <summary>Most tokens of prompt and answer together.</summary>
    public int ContextLength => Generator.ContextLength;

    /// <summary>How replies are drawn where a request says nothing.</summary>
    public SamplingOptions Defaults => _options.Defaults;

    /// <summary>Requests that run or wait.</summary>
    public int PendingCount => Generator.PendingCount;

    /// <summary>The engine's own; only what any thread may call may be called.</summary>
    internal Generator Generator { get; }

    /// <summary>Loads a model.</summary>
    /// <param name="engine">Runs it.</param>
    /// <param name="path">A model's folder or file.</param>
    /// <param name="options">How it is loaded and served; null for the defaults.</param>
    /// <exception cref="ReverieException">It is not there, or damaged.</exception>
    public static async Task<ChatModel> LoadAsync(Engine engine, string path, ChatModelOptions? options = null)
    {
        options ??= new ChatModelOptions();
        Checkpoint checkpoint = await Task.Run(() => Checkpoint.Load(path, precision: options.Precision)).ConfigureAwait(false);
        try
        {
            ChatModel model = await engine.InvokeAsync(() => new ChatModel(engine, checkpoint, checkpoint.Name, options)).ConfigureAwait(false);
            await engine.AddAsync(model.Generator, model.Fail).ConfigureAwait(false);
            return model;
        }
        catch
        {
            checkpoint.Dispose();
            throw;
        }
    }

    /// <summary>Replies to a conversation.</summary>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="options">How; a <see cref="ReverieChatOptions"/> may say more. Null for the defaults.</param>
    /// <param name="adapter">A LoRA that this reply is written with; null for the model alone.</param>
    /// <param name="cancel">Ends the reply at the next step; its slot and memory are free then.</param>
    /// <exception cref="ContextTooLongException">The conversation does not fit.</exception>
    /// <exception cref="EngineBusyException">Too many requests wait.</exception>
    /// <exception cref="ReverieException">The request makes no sense: one line that says why.</exception>
    public IAsyncEnumerable<ChatEvent> ReplyAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, Adapter? adapter = null, CancellationToken cancel = default)
    {
        options ??= new ChatOptions();
        int[] prompt = PromptWriter.Write(Tokenizer, messages, options);
        AIFunctionDeclaration[] tools = PromptWriter.Tools(options);
        return RunAsync(prompt, options, _constraints.Of(options, tools), adapter, new ReplyParser(readsCalls: tools.Length > 0), Tokenizer.ChatTemplate.AnswerOpening, cancel);
    }

    /// <summary>Goes on with a text, without a template: all of the answer is text.</summary>
    /// <param name="prompt">Tokens.</param>
    /// <param name="options">How; tools and reasoning have no meaning here.</param>
    /// <param name="adapter">A LoRA; null for the model alone.</param>
    /// <param name="cancel">Ends it at the next step.</param>
    /// <exception cref="ReverieException">As for <see cref="ReplyAsync"/>.</exception>
    public IAsyncEnumerable<ChatEvent> ContinueAsync(int[] prompt, ChatOptions? options = null, Adapter? adapter = null, CancellationToken cancel = default)
    {
        options ??= new ChatOptions();
        return RunAsync(prompt, options, _constraints.Of(options, []), adapter, null, "", cancel);
    }

    /// <summary>The tokens of a conversation up to where the reply begins.</summary>
    /// <exception cref="ReverieException">As for <see cref="ReplyAsync"/>.</exception>
    public int[] Render(IEnumerable<ChatMessage> messages, ChatOptions? options = null) => PromptWriter.Write(Tokenizer, messages, options ?? new ChatOptions());

    /// <summary>Ends all replies and frees the model.</summary>
    public async ValueTask DisposeAsync()
    {
        await _engine.RemoveAsync(Generator).ConfigureAwait(false);
        Fail(new ObjectDisposedException(nameof(ChatModel), "The model was unloaded."));
        await _engine.InvokeAsync(() =>
        {
            Generator.Dispose();
            _checkpoint.Dispose();
            return true;
        }).ConfigureAwait(false);
    }

    private async IAsyncEnumerable<ChatEvent> RunAsync(int[] prompt, ChatOptions options, ITokenConstraint? constraint, Adapter? adapter, ReplyParser? parser, string opening, [EnumeratorCancellation] CancellationToken cancel)
    {
        if (prompt.Length >= ContextLength) throw new ContextTooLongException(prompt.Length, ContextLength);
        SamplingOptions sampling = _options.Sampling(options, ContextLength - prompt.Length, Tokenizer.Id(SpecialToken.ThinkStart) is not null && Tokenizer.Id(SpecialToken.ThinkEnd) is not null);
        var channel = new ReplyChannel(Tokenizer, (options as ReverieChatOptions)?.LogProbabilities);
        Generation generation = Submit(
            new GenerationRequest(prompt, sampling)
            {
                Constraint = constraint,
                Adapter = adapter,
                Owner = (options as ReverieChatOptions)?.Owner ?? "",
                TopLogProbabilities = channel.Alternatives ?? 0,
                Cancellation = cancel,
                OnText = channel.Write,
                OnToken = channel.Alternatives is null ? null : channel.Write,
            },
            channel);
        try
        {
            foreach (ChatEvent part in parser?.Append(opening) ?? []) yield return part;
            while (await channel.Reader.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (Read(channel) is { } next)
                {
                    if (parser is null || next is not ChatEvent.Text text) yield return next;
                    else
                        foreach (ChatEvent part in parser.Append(text.Value)) yield return part;
                }

                // A reader that was woken for every token would take the cores from those who make them.
                if (_options.StreamInterval > TimeSpan.Zero && !channel.Ended.IsCompleted) await Task.WhenAny(channel.Ended, Task.Delay(_options.StreamInterval, CancellationToken.None)).ConfigureAwait(false);
            }

            foreach (ChatEvent part in parser?.Finish() ?? []) yield return part;
            yield return Finish(generation, calls: parser?.Calls ?? 0);
            if (generation.StopReason == StopReason.Cancelled) cancel.ThrowIfCancellationRequested();
        }
        finally
        {
            Close(generation, channel);
        }
    }

    /// <summary>What came next; texts that came one after another are one.</summary>
    private static ChatEvent? Read(ReplyChannel channel)
    {
        if (!channel.Reader.TryRead(out ChatEvent? next) || next is not ChatEvent.Text first || !channel.Reader.TryPeek(out ChatEvent? second) || second is not ChatEvent.Text) return next;
        var text = new StringBuilder(first.Value);
        while (channel.Reader.TryPeek(out next) && next is ChatEvent.Text more)
        {
            text.Append(more.Value);
            channel.Reader.TryRead(out _);
        }

        return new ChatEvent.Text(text.ToString());
    }

    private Generation Submit(GenerationRequest request, ReplyChannel channel)
    {
        lock (_open)
        {
            if (_failure is { } failure) throw new ReverieException($"The model {Id} has failed: {failure.Message}", failure);
            if (_open.Count >= _options.MaxPending) throw new EngineBusyException(_open.Count, RetryAfter());
            _open.Add(channel);
        }

        try
        {
            Generation generation = Generator.Submit(request with { OnFinished = channel.Complete });
            _engine.Wake();
            return generation;
        }
        catch
        {
            lock (_open) _open.Remove(channel);
            throw;
        }
    }

    /// <summary>The reader has left, maybe before the end.</summary>
    private void Close(Generation generation, ReplyChannel channel)
    {
        if (generation.StopReason is null) generation.Cancel();
        lock (_open) _open.Remove(channel);
    }
}
