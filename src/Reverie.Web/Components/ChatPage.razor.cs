using Microsoft.AspNetCore.Components;
using Microsoft.JSInterop;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Web.Components;

/// <summary>A conversation: what was said, in all versions, and what is being said.</summary>
public sealed partial class ChatPage : IDisposable
{
    private const int LongestAnnouncement = 600;

    private IReadOnlyList<Turn> _turns = [];
    private Conversation? _conversation;
    private ChatSettings _settings = new();
    private LiveReply? _live;
    private Composer? _composer;
    private string? _system, _failure, _editing, _loaded = "", _target;
    private string _announcement = "";
    private PausedChat? _paused;
    private bool _hasModels;

    /// <summary>The conversation; null for a new one.</summary>
    [Parameter]
    public string? Id { get; set; }

    /// <summary>A message to go to.</summary>
    [SupplyParameterFromQuery(Name = "at")]
    public string? At { get; set; }

    /// <summary>What a new circuit needs to show the same as the one that was given back.</summary>
    [PersistentState]
    public PausedChat? Paused
    {
        get => _conversation is null ? new PausedChat(null, _settings, _system) : new PausedChat(_turns.LastOrDefault()?.Last);
        set => _paused = value;
    }

    [Inject]
    internal Replies Replies { get; set; } = null!;

    [Inject]
    internal IPageModels Models { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    [Inject]
    internal IJSRuntime Js { get; set; } = null!;

    private string Title => _conversation is { Details.Title: { Length: > 0 } title } ? title : "Untitled";

    private ReplyDetails? LastReply => _turns.LastOrDefault(t => t.Reply is not null)?.Reply;

    private int? Limit => ModelPicker.Chosen(Models.List(), _settings)?.ContextLength;

    /// <inheritdoc/>
    public void Dispose() => _live = null;

    /// <inheritdoc/>
    protected override async Task OnParametersSetAsync()
    {
        _hasModels = Models.List().Count > 0;
        string wanted = $"{Id}?{At}";
        if (wanted == _loaded) return;
        // Only what is loaded first can be what was shown before.
        PausedChat? paused = _loaded == "" ? _paused : null;
        _loaded = wanted;
        (_failure, _editing, _announcement) = (null, null, "");
        await LoadAsync(paused);
    }

    /// <inheritdoc/>
    protected override async Task OnAfterRenderAsync(bool firstRender)
    {
        if (_target is not { } target) return;
        _target = null;
        await Js.InvokeVoidAsync("reverie.show", target);
    }

    private Task LoadAsync(PausedChat? paused) => TryAsync(async user =>
    {
        if (Id is null)
        {
            (_conversation, _turns, _live, _system) = (null, [], null, paused?.SystemPrompt);
            if (paused?.Settings is { } set)
            {
                _settings = set;
                return;
            }

            // What was chosen last is likely what is wanted again.
            Conversation? last = (await Journal.ListConversationsAsync(user, 1)).FirstOrDefault();
            ChatSettings chosen = ChatSettings.Parse(last?.Details.Settings);
            // A morning that was asked for by its number may be forgotten by now, and a newer one knows more.
            _settings = chosen with { Seed = null, Adapter = chosen.Adapter?.Contains(PersonalAdapters.Separator) == true ? null : chosen.Adapter };
            return;
        }

        LiveReply? live = Replies.Find(user, Id);
        if (await Journal.ReadTreeAsync(user, Id) is not { } tree)
        {
            State.Note("There is no such conversation.");
            Navigation.NavigateTo("", replace: true);
            return;
        }

        IReadOnlyList<JournalMessage> path = tree.ActivePath;
        if ((paused?.Leaf ?? At) is { } shown && tree.Find(shown) is { } found)
        {
            if (paused is null) _target = $"m-{shown}";
            if (path.All(m => m.Id != shown))
            {
                path = tree.Path(tree.NewestLeaf(found).Id);
                await Journal.SetActiveLeafAsync(user, Id, path[^1].Id);
            }
        }

        Show(tree, path, live);
    });

    private void Show(ConversationTree tree, IReadOnlyList<JournalMessage> path, LiveReply? live)
    {
        if (_conversation?.Details.Title != tree.Conversation.Details.Title || _conversation.Id != tree.Conversation.Id) _settings = ChatSettings.Parse(tree.Conversation.Details.Settings);
        (_conversation, _system) = (tree.Conversation, tree.Conversation.Details.SystemPrompt);
        // What a running reply has already written is part of the running reply's view.
        int parent = live is null ? -1 : path.TakeWhile(m => m.Id != live.Parent).Count();
        bool visible = live is not null && (live.Parent is null || parent < path.Count);
        _turns = Turn.Of(tree, visible ? [.. path.Take(live!.Parent is null ? 0 : parent + 1)] : path);
        _live = visible ? live : null;
    }

    private async Task ReloadAsync(string user, LiveReply? live = null)
    {
        if (Id is not null && await Journal.ReadTreeAsync(user, Id) is { } tree) Show(tree, tree.ActivePath, live ?? Replies.Find(user, Id));
    }

    private async Task<bool> Send(IReadOnlyList<MessagePart> parts, string title)
    {
        bool sent = false;
        await TryAsync(async user =>
        {
            if (_live is not null) throw new ReverieException("A reply is being written. Stop it first.");
            if (!_hasModels) throw new ReverieException("There is no model yet. Make one with reverie raise.");
            _failure = null;
            Conversation conversation = _conversation ?? await Journal.CreateConversationAsync(user, new ConversationDetails { Title = Words.Title(title), SystemPrompt = _system, Settings = _settings.ToJson() });
            await Journal.AppendAsync(user, conversation.Id, new NewMessage { Parent = _turns.LastOrDefault()?.Last, Role = Role.User, Parts = parts });
            sent = true;
            await BeginAsync(user, conversation.Id);
        });
        return sent;
    }

    /// <summary>Answers the end of the branch that is shown.</summary>
    private async Task BeginAsync(string user, string id)
    {
        ConversationTree tree = await Journal.ReadTreeAsync(user, id) ?? throw new ReverieException("The conversation was deleted.");
        LiveReply live = Replies.Start(user, tree, tree.Conversation.ActiveLeaf);
        (_failure, _announcement) = (null, "Reverie is replying.");
        if (Id != id)
        {
            (Id, _loaded) = (id, $"{id}?");
            Navigation.NavigateTo($"c/{id}", replace: false);
        }

        Show(tree, tree.ActivePath, live);
        State.ChangeConversations();
    }

    private Task Save(Turn turn, string text, IReadOnlyList<string> pasted) => TryAsync(async user =>
    {
        if (_conversation is null || _live is not null) return;
        _editing = null;
        if (turn.Role is Role.User)
        {
            MessagePart[] kept = [.. turn.Parts.Where(p => p.Kind is PartKind.Document).Select(p => MessagePart.Document(p.Name ?? "", p.Text))];
            await Journal.AppendAsync(user, _conversation.Id, new NewMessage { Parent = turn.Parent, Role = Role.User, Parts = [.. kept, Words.Typed(text, pasted)] });
            await BeginAsync(user, _conversation.Id);
            return;
        }

        await Journal.AppendAsync(user, _conversation.Id, new NewMessage { Parent = turn.Parent, Role = turn.Role, Parts = [Words.Corrected(turn.Text, text, pasted)] });
        await ReloadAsync(user);
    });

    private Task Again(Turn turn) => TryAsync(async user =>
    {
        if (_conversation is null || _live is not null) return;
        await Journal.SetActiveLeafAsync(user, _conversation.Id, turn.Parent);
        await BeginAsync(user, _conversation.Id);
    });

    private Task Retry() => TryAsync(async user =>
    {
        if (_conversation is not null && _live is null) await BeginAsync(user, _conversation.Id);
    });

    private Task Go(string version) => TryAsync(async user =>
    {
        if (_conversation is null || await Journal.ReadTreeAsync(user, _conversation.Id) is not { } tree || tree.Find(version) is not { } message) return;
        JournalMessage leaf = tree.NewestLeaf(message);
        await Journal.SetActiveLeafAsync(user, _conversation.Id, leaf.Id);
        (_failure, _editing) = (null, null);
        Show(tree, tree.Path(leaf.Id), Replies.Find(user, _conversation.Id));
    });

    private Task Judge(Turn turn, bool isGood, string? better) => TryAsync(async user =>
    {
        await Journal.GiveFeedbackAsync(user, turn.Last, isGood, better);
        await ReloadAsync(user);
    });

    private Task Delete(Turn turn) => TryAsync(async user =>
    {
        if (_live is not null) return;
        await Journal.DeleteMessageAsync(user, turn.Id);
        await ReloadAsync(user);
    });

    private void Edit(Turn? turn) => _editing = turn?.Id;

    private void EditLast()
    {
        if (_live is null) _editing = _turns.LastOrDefault(t => t.Role is Role.User)?.Id;
        StateHasChanged();
    }

    private void Stop() => _live?.Stop();

    private async Task Finished(LiveReply live)
    {
        if (live != _live) return;
        _live = null;
        _failure = live.Error;
        await TryAsync(user => ReloadAsync(user));
        string said = _turns.LastOrDefault()?.Text ?? "";
        _announcement = live.Error ?? "Reverie replied: " + (said.Length <= LongestAnnouncement ? said : said[..LongestAnnouncement] + " … The whole reply is in the messages.");
        State.ChangeConversations();
        if (_composer is not null) await _composer.FocusAsync();
    }

    private async Task Rename(ChangeEventArgs e)
    {
        string title = (e.Value as string ?? "").Trim();
        await ChangeDetailsAsync(d => d with { Title = title.Length == 0 ? "Untitled" : title });
        State.ChangeConversations();
    }

    private Task ChangeSettings(ChatSettings settings)
    {
        _settings = settings;
        return ChangeDetailsAsync(d => d with { Settings = settings.ToJson() });
    }

    private Task ChangeSystemPrompt(string? prompt)
    {
        _system = string.IsNullOrWhiteSpace(prompt) ? null : prompt;
        return ChangeDetailsAsync(d => d with { SystemPrompt = _system });
    }

    private Task ChangeDetailsAsync(Func<ConversationDetails, ConversationDetails> change) => TryAsync(async user =>
    {
        if (_conversation is not null) _conversation = await Journal.ChangeConversationAsync(user, _conversation.Id, change(_conversation.Details));
    });
}
