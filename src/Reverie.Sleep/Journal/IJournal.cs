using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>
/// What was said, by whom and to whom: conversations as trees, feedback, consent. What is written stays as it is until it is deleted;
/// then it is erased and a tombstone stays. Every call is one transaction, may be made from any thread, and has taken effect for
/// good when it returns.
/// </summary>
/// <remarks>
/// Every method but <see cref="ReadSharersAsync"/> takes the owner first and sees nothing else: another's id is an id that does not exist. Owners are 1 to 64
/// letters, digits, -, _, . or @. All methods throw <see cref="ReverieException"/> for an owner that is none, for ids that
/// do not exist (except where they return null) and when the store cannot be read or written.
/// </remarks>
public interface IJournal : IAsyncDisposable
{
    /// <summary>Begins a conversation.</summary>
    Task<Conversation> CreateConversationAsync(string owner, ConversationDetails details, CancellationToken cancellation = default);

    /// <summary>A conversation; null where there is none.</summary>
    Task<Conversation?> FindConversationAsync(string owner, string conversation, CancellationToken cancellation = default);

    /// <summary>Conversations, last changed first.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="limit">How many at most, 1 to 1,000.</param>
    /// <param name="before">Only those whose <see cref="Conversation.Sequence"/> is lower: that of the last one, for the next page.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<Conversation>> ListConversationsAsync(string owner, int limit = 50, long before = long.MaxValue, CancellationToken cancellation = default);

    /// <summary>Gives a conversation another title, system prompt or settings; the former ones stay in the journal.</summary>
    Task<Conversation> ChangeConversationAsync(string owner, string conversation, ConversationDetails details, CancellationToken cancellation = default);

    /// <summary>Goes to another branch.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="message">The end of the branch; null for before the first message.</param>
    /// <param name="cancellation">Gives up.</param>
    Task SetActiveLeafAsync(string owner, string conversation, string? message, CancellationToken cancellation = default);

    /// <summary>Writes a message.</summary>
    /// <exception cref="ReverieException">Conversation or parent do not exist, sources do not tile a part, or it is over <see cref="JournalLimits"/>.</exception>
    Task<JournalMessage> AppendAsync(string owner, string conversation, NewMessage message, CancellationToken cancellation = default);

    /// <summary>A conversation with all its branches; null where there is none.</summary>
    Task<ConversationTree?> ReadTreeAsync(string owner, string conversation, CancellationToken cancellation = default);

    /// <summary>A message; null where there is none.</summary>
    Task<JournalMessage?> FindMessageAsync(string owner, string message, CancellationToken cancellation = default);

    /// <summary>The tokens of a reply; null where there is no such message, or it has none.</summary>
    Task<ReplyTrace?> ReadTraceAsync(string owner, string message, CancellationToken cancellation = default);

    /// <summary>Judges a reply.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="message">The reply.</param>
    /// <param name="isGood">Thumb up or down.</param>
    /// <param name="betterAnswer">What should have been said.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<Feedback> GiveFeedbackAsync(string owner, string message, bool isGood, string? betterAnswer = null, CancellationToken cancellation = default);

    /// <summary>All that was said about a message, newest first; empty where there is none.</summary>
    Task<IReadOnlyList<Feedback>> ReadFeedbackAsync(string owner, string message, CancellationToken cancellation = default);

    /// <summary>Gives or withdraws consent that sleep learns from the journal.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="isGiven">Whether it may.</param>
    /// <param name="wording">The words that were agreed to or refused.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<Consent> SetConsentAsync(string owner, bool isGiven, string wording, CancellationToken cancellation = default);

    /// <summary>What was said about consent, newest first; empty means no.</summary>
    Task<IReadOnlyList<Consent>> ReadConsentAsync(string owner, CancellationToken cancellation = default);

    /// <summary>Gives or withdraws consent that the company learns what several persons told alike, beside that for sleep and only together with it.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="isGiven">Whether it may.</param>
    /// <param name="wording">The words that were agreed to or refused.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<Consent> SetSharingAsync(string owner, bool isGiven, string wording, CancellationToken cancellation = default);

    /// <summary>What was said about sharing, newest first; empty means no.</summary>
    Task<IReadOnlyList<Consent>> ReadSharingAsync(string owner, CancellationToken cancellation = default);

    /// <summary>Everybody who shares with the company and is learned from, in order of their names: the one call that does not take an owner, for the company's night.</summary>
    Task<IReadOnlyList<string>> ReadSharersAsync(CancellationToken cancellation = default);

    /// <summary>Finds titles and messages with all words of a query, newest first. A word may be the beginning of one in the text; case and accents do not matter.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="query">Words.</param>
    /// <param name="limit">How many at most, 1 to 1,000.</param>
    /// <param name="before">Only those whose <see cref="SearchHit.Sequence"/> is lower: that of the last one, for the next page.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<SearchHit>> SearchAsync(string owner, string query, int limit = 20, long before = long.MaxValue, CancellationToken cancellation = default);

    /// <summary>What the journal knows about its owner, in numbers.</summary>
    Task<JournalSummary> SummarizeAsync(string owner, CancellationToken cancellation = default);

    /// <summary>What happened since a change, oldest first; tombstones among it.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="since">Only changes with a higher number.</param>
    /// <param name="limit">How many at most, 1 to 10,000.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<IReadOnlyList<JournalChange>> ReadChangesAsync(string owner, long since = 0, int limit = 1000, CancellationToken cancellation = default);

    /// <summary>Erases a conversation.</summary>
    Task DeleteConversationAsync(string owner, string conversation, CancellationToken cancellation = default);

    /// <summary>Erases a conversation's title, system prompt and settings, former ones too.</summary>
    Task EraseDetailsAsync(string owner, string conversation, CancellationToken cancellation = default);

    /// <summary>Erases a message and everything below it. Who stood there stands at the newest branch beside it, or at its parent.</summary>
    Task DeleteMessageAsync(string owner, string message, CancellationToken cancellation = default);

    /// <summary>Erases all conversations and withdraws consent, that to share too. What was said about consent and the tombstones stay.</summary>
    Task DeleteEverythingAsync(string owner, CancellationToken cancellation = default);

    /// <summary>Writes conversations with all their branches, feedback and traces as JSON.</summary>
    /// <param name="owner">Whose.</param>
    /// <param name="output">Where to; stays open.</param>
    /// <param name="conversations">Which; null for all.</param>
    /// <param name="cancellation">Gives up.</param>
    Task ExportAsync(string owner, Stream output, IReadOnlyList<string>? conversations = null, CancellationToken cancellation = default);

    /// <summary>Takes in what <see cref="ExportAsync"/> wrote, all of it or nothing, under new ids.</summary>
    /// <returns>The new conversations in the file's order.</returns>
    /// <exception cref="ReverieException">The file is not such a file, contradicts itself, or is over <see cref="JournalLimits"/>.</exception>
    Task<IReadOnlyList<Conversation>> ImportAsync(string owner, Stream input, CancellationToken cancellation = default);
}
