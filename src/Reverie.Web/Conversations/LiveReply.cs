using System.Diagnostics;
using System.Text;
using Reverie.Sleep;

namespace Reverie.Web;

/// <summary>A reply that is being written. It belongs to the server, not to a browser: who leaves and comes back finds it further on.</summary>
public sealed class LiveReply(string owner, string conversation, string? parent) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Part> _parts = [];
    private TaskCompletionSource _changed = New();
    private long _version, _firstToken;
    private int _pieces;

    /// <summary>Whose it is.</summary>
    public string Owner => owner;

    /// <summary>The conversation.</summary>
    public string Conversation => conversation;

    /// <summary>The message that it answers.</summary>
    public string? Parent => parent;

    /// <summary>Why it could not go on; null while it could.</summary>
    public string? Error { get; private set; }

    /// <summary>Whether it is over, and in the journal.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Ends with the reply.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Pieces a second since the first: about tokens.</summary>
    public double Speed
    {
        get
        {
            lock (_lock)
            {
                double seconds = _pieces > 1 ? Stopwatch.GetElapsedTime(_firstToken).TotalSeconds : 0;
                return seconds > 0 ? (_pieces - 1) / seconds : 0;
            }
        }
    }

    /// <summary>What is there so far, and a number that grows with every change.</summary>
    public (IReadOnlyList<TurnPart> Parts, long Version) Read()
    {
        lock (_lock) return ([.. _parts.Select(p => new TurnPart(p.Kind, p.Text.ToString(), p.Name, p.CallId, p.Result))], _version);
    }

    /// <summary>Ends it; what was said stays.</summary>
    public void Stop()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself a moment ago.
        }
    }

    /// <summary>Completes when there is more than a reader has seen.</summary>
    public Task WaitAsync(long seen, CancellationToken cancellation)
    {
        lock (_lock) return _version > seen || IsDone ? Task.CompletedTask : _changed.Task.WaitAsync(cancellation);
    }

    /// <summary>Adds words.</summary>
    public void Say(PartKind kind, string text)
    {
        lock (_lock)
        {
            if (_parts.Count == 0 || _parts[^1].Kind != kind || _parts[^1].IsClosed) _parts.Add(new Part(kind, null, null));
            _parts[^1].Text.Append(text);
            if (_pieces++ == 0) _firstToken = Stopwatch.GetTimestamp();
            Change();
        }
    }

    /// <summary>Adds a call.</summary>
    public void Call(string callId, string name, string arguments)
    {
        lock (_lock)
        {
            var part = new Part(PartKind.ToolCall, name, callId);
            part.Text.Append(arguments);
            _parts.Add(part);
            Change();
        }
    }

    /// <summary>Adds what a tool returned.</summary>
    public void Return(string callId, string result)
    {
        lock (_lock)
        {
            if (_parts.FindLast(p => p.Kind is PartKind.ToolCall && p.CallId == callId) is { } call) call.Result = result;
            if (_parts.Count > 0) _parts[^1].IsClosed = true;
            Change();
        }
    }

    /// <summary>Marks the end.</summary>
    public void Finish(string? error)
    {
        lock (_lock)
        {
            (Error, IsDone) = (error, true);
            Change();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Change()
    {
        _version++;
        TaskCompletionSource changed = _changed;
        _changed = New();
        changed.SetResult();
    }

    private sealed class Part(PartKind kind, string? name, string? callId)
    {
        public PartKind Kind => kind;

        public string? Name => name;

        public string? CallId => callId;

        public StringBuilder Text { get; } = new();

        public string? Result { get; set; }

        public bool IsClosed { get; set; }
    }
}
