using Reverie.Models;

namespace Reverie.Cli.Chat;

/// <summary>A conversation that ends with the process.</summary>
internal sealed class PassingTalk(ChatSession session) : ITalk
{
    private int _forgotten;

    /// <inheritdoc/>
    public string? System
    {
        get => session.System;
        set => session.System = value;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Message> Messages => session.Messages;

    /// <inheritdoc/>
    public IEnumerable<string> Notes
    {
        get
        {
            if (session.LastReply is { StopReason: StopReason.Cancelled }) yield return "(stopped)";
            if (session.LastReply is { StopReason: StopReason.MaxTokens or StopReason.ContextFull }) yield return "(cut at its longest; see --max-tokens)";
            if (_forgotten == 0 && session.ForgottenMessages > 0) yield return "(the conversation is longer than the model's context: its beginning is forgotten)";
        }
    }

    /// <inheritdoc/>
    public IEnumerable<ChatPiece> Send(string text, CancellationToken cancel)
    {
        _forgotten = session.ForgottenMessages;
        return session.Send(text, cancel);
    }

    /// <inheritdoc/>
    public void Reset() => session.Reset();

    /// <inheritdoc/>
    public bool Judge(bool isGood, string? better) => false;
}
