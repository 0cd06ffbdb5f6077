using System.Runtime.InteropServices;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Chat;

/// <summary>Talks: reads a line, streams the reply, obeys the commands that begin with a slash.</summary>
internal sealed class ChatLoop
{
    private const string Prompt = "> ", LeaveHint = "(Ctrl+C again to leave)";

    private const string Commands = """
        /help          this list
        /reset         forget the conversation
        /save FILE     save it: .jsonl as messages, else as text
        /system TEXT   set the system message; without TEXT, remove it
        /exit          leave (also Ctrl+D, or Ctrl+C twice)
        Ctrl+C         stop the reply
        """;

    private readonly Terminal _terminal;
    private readonly ChatSession _session;
    private readonly Action<string> _say;
    private CancellationTokenSource? _reply;
    private int _interruptions;

    /// <summary>Prepares a conversation in a terminal.</summary>
    public ChatLoop(Terminal terminal, ChatSession session)
    {
        (_terminal, _session) = (terminal, session);
        _say = text => terminal.Messages.WriteLine(terminal.IsLive ? $"\e[2m{text}\e[22m" : text);
    }

    /// <summary>Talks until the input ends or the person leaves.</summary>
    public int Run()
    {
        using PosixSignalRegistration? signal = _terminal.IsInteractive ? PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt) : null;
        while (true)
        {
            string? line;
            try
            {
                line = _terminal.ReadLine(Prompt);
            }
            catch (OperationCanceledException)
            {
                if (++_interruptions > 1) break;
                _say(LeaveHint);
                continue;
            }

            if (line is null) break;
            _interruptions = 0;
            line = line.Trim();
            if (line.Length == 0) continue;
            if (line[0] == '/')
            {
                if (!Obey(line)) break;
                continue;
            }

            try
            {
                Reply(line);
            }
            catch (ReverieException e) when (_terminal.IsInteractive)
            {
                _say(e.Message);
            }
        }

        return ExitCode.Success;
    }

    /// <summary>Says something and prints the reply.</summary>
    public void Reply(string text)
    {
        using var cancel = new CancellationTokenSource();
        Volatile.Write(ref _reply, cancel);
        int forgotten = _session.ForgottenMessages;
        try
        {
            int width = _terminal.IsInteractive || _terminal.IsLive ? Math.Max(20, _terminal.Console.Profile.Width - 1) : 0;
            var writer = new ReplyWriter(_terminal.Messages, width, _terminal.IsLive);
            foreach (ChatPiece piece in _session.Send(text, cancel.Token)) writer.Write(piece);
            writer.Finish();
        }
        finally
        {
            Volatile.Write(ref _reply, null);
        }

        if (!_terminal.IsInteractive) return;
        if (_session.LastReply is { StopReason: StopReason.Cancelled }) _say("(stopped)");
        if (_session.LastReply is { StopReason: StopReason.MaxTokens or StopReason.ContextFull }) _say("(cut at its longest; see --max-tokens)");
        if (forgotten == 0 && _session.ForgottenMessages > 0) _say("(the conversation is longer than the model's context: its beginning is forgotten)");
    }

    /// <summary>Does what a line with a slash says; false to leave.</summary>
    private bool Obey(string line)
    {
        int space = line.IndexOf(' ');
        string command = space < 0 ? line : line[..space], rest = space < 0 ? "" : line[space..].Trim();
        switch (command)
        {
            case "/exit" or "/quit" or "/bye":
                return false;
            case "/help" or "/?":
                _say(Commands);
                break;
            case "/reset":
                _session.Reset();
                _say("The conversation is forgotten.");
                break;
            case "/system":
                _session.System = rest.Length == 0 ? null : rest;
                _say(rest.Length == 0 ? "There is no system message now." : "The system message is set.");
                break;
            case "/save":
                Save(rest);
                break;
            default:
                _say($"There is no command {command}. /help lists them.");
                break;
        }

        return true;
    }

    private void Save(string file)
    {
        if (file.Length == 0)
        {
            _say("Say where to: /save FILE");
            return;
        }

        try
        {
            Message[] system = string.IsNullOrEmpty(_session.System) ? [] : [new Message(Role.System, _session.System)];
            ConversationFile.Save(file, [.. system, .. _session.Messages]);
            _say($"Saved {_session.Messages.Count} messages to {Path.GetFullPath(file)}");
        }
        catch (ReverieException e)
        {
            _say(e.Message);
        }
    }

    /// <summary>The first Ctrl+C stops the reply, or warns; the second leaves.</summary>
    private void Interrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _interruptions) > 1)
        {
            _terminal.Messages.WriteLine();
            Environment.Exit(ExitCode.Success);
        }

        if (Volatile.Read(ref _reply) is { } reply)
        {
            try
            {
                reply.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The reply ended by itself in this moment.
            }

            return;
        }

        _terminal.Messages.WriteLine();
        _say(LeaveHint);
    }
}
