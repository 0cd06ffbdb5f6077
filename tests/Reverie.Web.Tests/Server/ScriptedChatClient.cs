using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Reverie.Web.Tests;

/// <summary>A model that says what a test wants, piece by piece, at the test's pace.</summary>
internal sealed class ScriptedChatClient(Func<IReadOnlyList<ChatMessage>, ChatOptions?, IEnumerable<AIContent>> script, TimeSpan pace = default) : IChatClient
{
    private readonly List<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> _asked = [];

    /// <summary>What it was asked.</summary>
    public IReadOnlyList<(IReadOnlyList<ChatMessage> Messages, ChatOptions? Options)> Asked
    {
        get
        {
            lock (_asked) return [.. _asked];
        }
    }

    /// <summary>Words of a text, as a model would send them.</summary>
    public static IEnumerable<AIContent> Words(string text)
    {
        for (int i = 0, end; i < text.Length; i = end)
        {
            end = text.IndexOf(' ', i + 1);
            if (end < 0) end = text.Length;
            yield return new TextContent(text[i..end]);
        }
    }

    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ChatMessage[] asked = [.. messages];
        lock (_asked) _asked.Add((asked, options));
        string id = Guid.NewGuid().ToString("N");
        int pieces = 0;
        foreach (AIContent content in script(asked, options))
        {
            if (pace > TimeSpan.Zero) await Task.Delay(pace, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            pieces++;
            yield return new ChatResponseUpdate(ChatRole.Assistant, [content]) { MessageId = id, ModelId = "scripted@1" };
        }

        int prompt = asked.Sum(m => m.Text.Length) / 4;
        yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(new UsageDetails { InputTokenCount = prompt, OutputTokenCount = pieces, TotalTokenCount = prompt + pieces })]) { MessageId = id, ModelId = "scripted@1", FinishReason = ChatFinishReason.Stop };
    }

    public Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) => GetStreamingResponseAsync(messages, options, cancellationToken).ToChatResponseAsync(cancellationToken);

    public object? GetService(Type serviceType, object? serviceKey = null) => null;

    public void Dispose() { }
}
