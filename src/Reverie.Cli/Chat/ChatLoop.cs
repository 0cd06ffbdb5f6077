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
        /reset         begin a new conversation
        /save FILE     save it: .jsonl as messages, else as text
        /system TEXT   set the system message; without TEXT, remove it
        /exit          leave (also Ctrl+D, or Ctrl+C twice)
        /good, /bad    say what the last reply was worth
        /better TEXT   say what it should have been
        Ctrl+C         stop the reply
        """;

    private readonly Terminal _terminal;
    private readonly ITalk _talk;
    private readonly Action<string> _say;
    private CancellationTokenSource? _reply;
    private int _interruptions;

    /// <summary>Prepares a conversation in a terminal.</summary>
    public ChatLoop(Terminal terminal, ITalk talk)
    {
        (_terminal, _talk) = (terminal, talk);
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
        try
        {
            int width = _terminal.IsInteractive || _terminal.IsLive ? Math.Max(20, _terminal.Console.Profile.Width - 1) : 0;
            var writer = new ReplyWriter(_terminal.Messages, width, _terminal.IsLive);
            foreach (ChatPiece piece in _talk.Send(text, cancel.Token)) writer.Write(piece);
            writer.Finish();
        }
        finally
        {
            Volatile.Write(ref _reply, null);
        }

        if (!_terminal.IsInteractive) return;
        foreach (string note in _talk.Notes) _say(note);
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
                _talk.Reset();
                _say("A new conversation begins.");
                break;
            case "/system":
                _talk.System = rest.Length == 0 ? null : rest;
                _say(rest.Length == 0 ? "There is no system message now." : "The system message is set.");
                break;
            case "/save":
                Save(rest);
                break;
            case "/good" or "/bad":
                Judge(command == "/good", null);
                break;
            case "/better":
                if (rest.Length == 0) _say("Say what the reply should have been: /better TEXT");
                else Judge(false, rest);
                break;
            default:
                _say($"There is no command {command}. /help lists them.");
                break;
        }

        return true;
    }

    private void Judge(bool isGood, string? better)
    {
        try
        {
            _say(_talk.Judge(isGood, better) ? "It is in the journal." : $"Nothing of this conversation is kept. Begin one that is with: {Shell.ProgramName} chat --remember");
        }
        catch (ReverieException e)
        {
            _say(e.Message);
        }
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
            Message[] system = string.IsNullOrEmpty(_talk.System) ? [] : [new Message(Role.System, _talk.System)];
            ConversationFile.Save(file, [.. system, .. _talk.Messages]);
            _say($"Saved {_talk.Messages.Count} messages to {Path.GetFullPath(file)}");
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
