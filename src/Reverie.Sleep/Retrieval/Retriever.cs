using Microsoft.Extensions.AI;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// Finds again what people typed, each in their own journal. What is kept for it is in memory only and follows the journal before every question, so
/// that nothing is found which was deleted, edited away or written under a consent that was withdrawn. Any thread may call it.
/// </summary>
/// <param name="journal">The journal; this does not own it.</param>
/// <param name="embeddings">Turns texts into vectors; null for words alone. This does not own it.</param>
public sealed class Retriever(IJournal journal, IEmbeddingGenerator<string, Embedding<float>>? embeddings = null)
{
    private const int ChangesAtOnce = 10_000;

    private readonly Lock _lock = new();

    // In the order of their last use.
    private readonly List<OwnerIndex> _indexes = [];

    /// <summary>Statements that are kept in memory for all owners together, at least those of the one who asked last. Who was there longest ago is read again when they come back.</summary>
    public int MostStatements { get; init; } = 500_000;

    /// <summary>Owners whose statements are kept in memory.</summary>
    public int MostOwners { get; init; } = 1000;

    /// <summary>What an owner said that fits a question, best first; nothing without their consent.</summary>
    /// <param name="owner">Whose journal.</param>
    /// <param name="query">The question, or whatever was said.</param>
    /// <param name="k">How many at most.</param>
    /// <param name="before">Only what was said before; null for all.</param>
    /// <param name="except">Ids of messages that are left out, because the model reads them anyway; null for none.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReverieException">The journal cannot be read.</exception>
    public async Task<IReadOnlyList<RecalledMemory>> FindAsync(string owner, string query, int k, DateTimeOffset? before = null, IReadOnlySet<string>? except = null, CancellationToken cancellation = default)
    {
        if (await journal.ReadConsentAsync(owner, cancellation).ConfigureAwait(false) is not [{ IsGiven: true }, ..])
        {
            Drop(owner);
            return [];
        }

        OwnerIndex index = Take(owner);
        await index.Turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await index.RefreshAsync(journal, ChangesAtOnce, cancellation).ConfigureAwait(false);
            return await index.Statements.FindAsync(query, k, before, except, cancellation).ConfigureAwait(false);
        }
        finally
        {
            index.Count = index.Statements.Count;
            index.Turn.Release();
            DropOld();
        }
    }

    private OwnerIndex Take(string owner)
    {
        lock (_lock)
        {
            OwnerIndex index = _indexes.Find(i => i.Owner == owner) ?? new OwnerIndex(owner, new MemoryIndex(embeddings));
            _indexes.Remove(index);
            _indexes.Add(index);
            return index;
        }
    }

    private void Drop(string owner)
    {
        lock (_lock) _indexes.RemoveAll(i => i.Owner == owner);
    }

    private void DropOld()
    {
        lock (_lock)
        {
            long statements = _indexes.Sum(i => (long)i.Count);
            for (; _indexes.Count > 1 && (_indexes.Count > MostOwners || statements > MostStatements); _indexes.RemoveAt(0)) statements -= _indexes[0].Count;
        }
    }

    /// <summary>What one owner stated on the branches where they stand.</summary>
    private sealed class OwnerIndex(string owner, MemoryIndex statements)
    {
        private readonly Dictionary<string, HashSet<string>> _conversations = [];
        private long _seen;

        public string Owner => owner;

        public MemoryIndex Statements => statements;

        /// <summary>Who may read and write the statements.</summary>
        public SemaphoreSlim Turn { get; } = new(1);

        /// <summary>How many there were when they were last read; whoever does not have the turn may ask.</summary>
        public volatile int Count;

        /// <summary>Takes in what changed. Where it fails, nothing is marked as seen, and the next one does it again.</summary>
        public async Task RefreshAsync(IJournal journal, int atOnce, CancellationToken cancellation)
        {
            var changed = new HashSet<string>();
            long seen = _seen;
            for (IReadOnlyList<JournalChange> changes; (changes = await journal.ReadChangesAsync(owner, seen, atOnce, cancellation).ConfigureAwait(false)).Count > 0;)
            {
                seen = changes[^1].Sequence;
                foreach (JournalChange change in changes)
                {
                    if (change.Kind is JournalChangeKind.EverythingDeleted) changed.UnionWith(_conversations.Keys);
                    else if (change.Conversation is { } id && change.Kind is not (JournalChangeKind.ConversationCreated or JournalChangeKind.ConversationChanged or JournalChangeKind.FeedbackGiven)) changed.Add(id);
                }
            }

            foreach (string id in changed)
            {
                ConversationTree? tree = await journal.ReadTreeAsync(owner, id, cancellation).ConfigureAwait(false);
                Take(id, tree?.ActivePath.Where(m => m.Role is Models.Role.User && !m.IsImported).ToDictionary(m => m.Id) ?? []);
            }

            _seen = seen;
        }

        private void Take(string conversation, Dictionary<string, JournalMessage> messages)
        {
            HashSet<string> before = _conversations.GetValueOrDefault(conversation) ?? [];
            foreach (string gone in before.Where(id => !messages.ContainsKey(id))) statements.Remove(gone);
            foreach (JournalMessage message in messages.Values.Where(m => !before.Contains(m.Id)))
            {
                foreach (string statement in Reverie.Sleep.Statements.Of(message)) statements.Add(statement, message.Created, message.Id, conversation, message.Sequence);
            }

            if (messages.Count == 0) _conversations.Remove(conversation);
            else _conversations[conversation] = [.. messages.Keys];
        }
    }
}
