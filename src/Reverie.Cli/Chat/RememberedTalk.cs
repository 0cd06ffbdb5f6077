using Microsoft.Extensions.Logging.Abstractions;
using Reverie.Chat;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;
using Reverie.Web;

namespace Reverie.Cli.Chat;

/// <summary>
/// A conversation of the page's, in the terminal: it goes to the journal, earlier ones are remembered in it, and the model wears what it learned of its
/// user while it slept.
/// </summary>
internal sealed class RememberedTalk : ITalk, IAsyncDisposable
{
    private const int WordsOfMemory = 60;

    private readonly ModelCatalog _catalog;
    private readonly IJournal _journal;
    private readonly string _owner;
    private readonly ChatSettings _settings;
    private readonly Func<string, MessagePart> _said;
    private readonly Replies _replies;
    private Conversation? _conversation;
    private IReadOnlyList<JournalMessage> _path = [];

    /// <summary>Prepares a conversation; it begins with the first message.</summary>
    /// <param name="catalog">The models; disposed of with this one.</param>
    /// <param name="workspace">The workspace that they are of.</param>
    /// <param name="journal">Where it is kept; disposed of with this one.</param>
    /// <param name="owner">Who talks.</param>
    /// <param name="settings">Model and sampling.</param>
    /// <param name="said">Whose words a line is made of.</param>
    public RememberedTalk(ModelCatalog catalog, Workspace workspace, IJournal journal, string owner, ChatSettings settings, Func<string, MessagePart> said)
    {
        (_catalog, _journal, _owner, _settings, _said) = (catalog, journal, owner, settings, said);
        _replies = new Replies(journal, new Retriever(journal), new CatalogModels(catalog, workspace), new PageOptions(), NullLogger<Replies>.Instance);
    }

    /// <inheritdoc/>
    public string? System { get; set; }

    /// <inheritdoc/>
    public IReadOnlyList<Message> Messages => [.. _path.Where(m => m.Role is Role.User or Role.Assistant).Select(m => new Message(m.Role, m.Text))];

    /// <inheritdoc/>
    public IEnumerable<string> Notes
    {
        get
        {
            if (LastReply?.Reply is not { } reply) yield break;
            if (reply.StopReason == "Cancelled") yield return "(stopped)";
            if (reply.StopReason == "length") yield return "(cut at its longest; see --max-tokens)";
            foreach (string id in reply.Memories ?? [])
                if (_journal.FindMessageAsync(_owner, id).GetAwaiter().GetResult() is { } memory)
                    yield return $"(remembered: {Shorten(memory.Text)})";
        }
    }

    /// <summary>What the model wears for its user; null for nothing.</summary>
    public string? Morning
    {
        get
        {
            using ModelLease lease = _catalog.OpenAsync(Name, _owner).AsTask().GetAwaiter().GetResult();
            return lease.AdapterName;
        }
    }

    private string Name => ModelCatalog.NameOf(_settings.Model!, _settings.Adapter);

    private JournalMessage? LastReply => _path.LastOrDefault(m => m.Role is Role.Assistant);

    /// <inheritdoc/>
    public IEnumerable<ChatPiece> Send(string text, CancellationToken cancel)
    {
        LiveReply live = BeginAsync(text).GetAwaiter().GetResult();
        using CancellationTokenRegistration stop = cancel.Register(live.Stop);
        int part = 0, shown = 0;
        while (true)
        {
            bool isDone = live.IsDone;
            (IReadOnlyList<TurnPart> parts, long version) = live.Read();
            for (; part < parts.Count; part++, shown = 0)
            {
                string said = parts[part].Kind is PartKind.Text or PartKind.Reasoning ? parts[part].Text : "";
                if (said.Length > shown) yield return new ChatPiece(said[shown..], parts[part].Kind is PartKind.Reasoning);
                shown = said.Length;
                if (part == parts.Count - 1) break;
            }

            if (isDone) break;
            live.WaitAsync(version, CancellationToken.None).GetAwaiter().GetResult();
        }

        _path = ReadPathAsync().GetAwaiter().GetResult();
        if (live.Error is { } error) throw new ReverieException(error);
    }

    /// <inheritdoc/>
    public void Reset() => (_conversation, _path) = (null, []);

    /// <inheritdoc/>
    public bool Judge(bool isGood, string? better)
    {
        JournalMessage reply = LastReply ?? throw new ReverieException("There is no reply yet.");
        _journal.GiveFeedbackAsync(_owner, reply.Id, isGood, better).GetAwaiter().GetResult();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _replies.StopAsync(CancellationToken.None);
        await _catalog.DisposeAsync();
        await _journal.DisposeAsync();
    }

    private async Task<LiveReply> BeginAsync(string text)
    {
        _conversation ??= await _journal.CreateConversationAsync(_owner, new ConversationDetails { Title = Words.Title(text), SystemPrompt = System, Settings = _settings.ToJson() });
        if (_conversation.Details.SystemPrompt != System) _conversation = await _journal.ChangeConversationAsync(_owner, _conversation.Id, _conversation.Details with { SystemPrompt = System });
        JournalMessage said = await _journal.AppendAsync(_owner, _conversation.Id, new NewMessage { Parent = _path.LastOrDefault()?.Id, Role = Role.User, Parts = [_said(text)] });
        _path = await ReadPathAsync();
        return _replies.Start(_owner, (await _journal.ReadTreeAsync(_owner, _conversation.Id))!, said.Id);
    }

    private async Task<IReadOnlyList<JournalMessage>> ReadPathAsync() => (await _journal.ReadTreeAsync(_owner, _conversation!.Id))?.ActivePath ?? [];

    private static string Shorten(string text)
    {
        string line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= WordsOfMemory ? line : line[..WordsOfMemory] + "…";
    }
}
