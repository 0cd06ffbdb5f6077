using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>
/// A simulated life in a real journal. Arms read it and nothing else. A day is written whole or, where the process was killed, once more
/// from its beginning.
/// </summary>
internal sealed class LifeJournal : IAsyncDisposable
{
    /// <summary>Whose life it is.</summary>
    public const string Owner = "owner";

    private const string Name = "journal.db", StateName = "written.json";

    private readonly SqliteJournal _journal;
    private readonly LifeClock _clock;
    private readonly string _folder;
    private State _state;

    private LifeJournal(SqliteJournal journal, LifeClock clock, string folder, State state) => (_journal, _clock, _folder, _state) = (journal, clock, folder, state);

    /// <summary>The journal.</summary>
    public IJournal Journal => _journal;

    /// <summary>The last day that is in it; 0 for none.</summary>
    public int Written => _state.Day;

    /// <summary>Opens the journal of a folder, or begins one.</summary>
    /// <exception cref="Tensors.ReverieException">It cannot be written, or is damaged.</exception>
    public static async Task<LifeJournal> OpenAsync(string folder, CancellationToken cancellation = default)
    {
        Directory.CreateDirectory(folder);
        string state = Path.Combine(folder, StateName);
        if (!File.Exists(state))
            foreach (string file in Directory.GetFiles(folder, Name + "*")) File.Delete(file);
        var clock = new LifeClock();
        var life = new LifeJournal(SqliteJournal.Open(Path.Combine(folder, Name), time: clock), clock, folder, File.Exists(state) ? SleepJson.Read<State>(state) : new State(0, [], []));
        await life.RepairAsync(cancellation).ConfigureAwait(false);
        return life;
    }

    /// <summary>Writes a day and deletes what its person regrets.</summary>
    public async Task WriteAsync(SimulatedDay day, CancellationToken cancellation = default)
    {
        _clock.Begin(day.Number);
        var conversations = new List<string>(_state.Conversations);
        var turns = new Dictionary<string, string>(_state.Turns);
        foreach (SimulatedConversation said in day.Conversations)
        {
            Conversation conversation = await _journal.CreateConversationAsync(Owner, new ConversationDetails { Title = said.Id }, cancellation).ConfigureAwait(false);
            conversations.Add(conversation.Id);
            string? parent = null;
            foreach (SimulatedTurn turn in said.Turns)
            {
                string first = parent = await Append(Role.User, turn.Parts).ConfigureAwait(false);
                if (turn.ToolResult is { } result)
                {
                    parent = await Append(Role.Assistant, [MessagePart.ToolCall("1", "search", "{}")]).ConfigureAwait(false);
                    parent = await Append(Role.Tool, [MessagePart.ToolResult("1", result, "search")]).ConfigureAwait(false);
                }

                parent = await Append(Role.Assistant, [MessagePart.Said(turn.Reply)]).ConfigureAwait(false);
                turns[turn.Id] = first;
                if (turn.Corrected is { } habit) await _journal.GiveFeedbackAsync(Owner, parent, false, habit.Wanted, cancellation).ConfigureAwait(false);
            }

            async Task<string> Append(Role role, IReadOnlyList<MessagePart> parts)
            {
                _clock.Tick();
                return (await _journal.AppendAsync(Owner, conversation.Id, new NewMessage { Parent = parent, Role = role, Parts = parts }, cancellation).ConfigureAwait(false)).Id;
            }
        }

        foreach (string deleted in day.Deleted)
            if (await _journal.FindMessageAsync(Owner, turns[deleted], cancellation).ConfigureAwait(false) is { } message) await _journal.DeleteMessageAsync(Owner, message.Id, cancellation).ConfigureAwait(false);
        _state = new State(day.Number, conversations, turns);
        SleepJson.Write(Path.Combine(_folder, StateName), _state);
    }

    /// <summary>Closes the journal; its file stays.</summary>
    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    // What a killed process left of a day goes, and the day is written anew.
    private async Task RepairAsync(CancellationToken cancellation)
    {
        if (await _journal.ReadConsentAsync(Owner, cancellation).ConfigureAwait(false) is not [{ IsGiven: true }, ..]) await _journal.SetConsentAsync(Owner, true, "A simulated person agrees.", cancellation).ConfigureAwait(false);
        HashSet<string> whole = [.. _state.Conversations];
        foreach (ConversationTree tree in await _journal.ReadTreesAsync(Owner, cancellation).ConfigureAwait(false))
            if (!whole.Contains(tree.Conversation.Id)) await _journal.DeleteConversationAsync(Owner, tree.Conversation.Id, cancellation).ConfigureAwait(false);
    }

    private sealed record State(int Day, List<string> Conversations, Dictionary<string, string> Turns);
}
