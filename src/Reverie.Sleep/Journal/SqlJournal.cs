using System.Data.Common;
using System.Security.Cryptography;
using Reverie.Tensors;

namespace Reverie.Sleep;

/// <summary>A journal in an SQL database. What stores do differently, their classes say; everything else is here once.</summary>
public abstract partial class SqlJournal : IJournal
{
    private readonly TimeProvider _time;

    private protected SqlJournal(TimeProvider? time) => _time = time ?? TimeProvider.System;

    /// <summary>Gives connections back.</summary>
    public abstract ValueTask DisposeAsync();

    /// <summary>Begins a transaction of an owner. Writes of one owner come one after another; reads see one state and wait for nobody.</summary>
    private protected abstract Task<JournalSession> BeginAsync(string owner, bool write, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Makes words findable.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="conversation">The conversation.</param>
    /// <param name="message">The message; empty for the conversation's title.</param>
    /// <param name="sequence">Number of the change.</param>
    /// <param name="words">Words, each once, separated by spaces.</param>
    private protected abstract Task IndexAsync(JournalSession session, string conversation, string message, long sequence, string words);

    /// <summary>Makes entries of the search index no longer findable.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="where">A condition over the columns owner, conversation and message.</param>
    /// <param name="values">Its parameters.</param>
    private protected abstract Task UnindexAsync(JournalSession session, string where, params (string Name, object Value)[] values);

    /// <summary>Finds entries of the search index that have all words, newest first.</summary>
    private protected abstract Task<List<(string Conversation, string Message, long Sequence)>> FindAsync(JournalSession session, IReadOnlyList<string> words, int limit, long before);

    /// <summary>Called after a deletion has been committed: no byte of it may stay.</summary>
    private protected virtual Task EraseAsync() => Task.CompletedTask;

    /// <summary>An id that nobody can guess; ids of later days sort after those of earlier ones, which keeps indexes small.</summary>
    private protected static string NewId(DateTimeOffset now)
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)(now.ToUnixTimeSeconds() / 86400));
        return Convert.ToHexStringLower(bytes);
    }

    private Task<T> ReadAsync<T>(string owner, Func<JournalSession, Task<T>> work, CancellationToken cancellation) => RunAsync(owner, write: false, work, cancellation);

    private Task<T> WriteAsync<T>(string owner, Func<JournalSession, Task<T>> work, CancellationToken cancellation) => RunAsync(owner, write: true, work, cancellation);

    private async Task<T> RunAsync<T>(string owner, bool write, Func<JournalSession, Task<T>> work, CancellationToken cancellation)
    {
        JournalInput.Owner(owner);
        return await BeginAndRunAsync(owner, write, work, cancellation).ConfigureAwait(false);
    }

    private async Task<T> BeginAndRunAsync<T>(string owner, bool write, Func<JournalSession, Task<T>> work, CancellationToken cancellation)
    {
        try
        {
            await using JournalSession session = await BeginAsync(owner, write, _time.GetUtcNow(), cancellation).ConfigureAwait(false);
            T result = await work(session).ConfigureAwait(false);
            cancellation.ThrowIfCancellationRequested();
            await session.CommitAsync().ConfigureAwait(false);
            return result;
        }
        catch (DbException e)
        {
            throw Unavailable(e);
        }
    }

    private protected static ReverieException Unavailable(Exception e) =>
        new($"The journal cannot be {(e is DbException { SqlState: "42501" } ? "used with these rights" : "read or written")}: {e.Message.ReplaceLineEndings(" ").TrimEnd('.')}. Nothing was changed.", e);

    private static ReverieException Missing(string kind, string id) =>
        new($"There is no {kind} {(id.Length <= 64 && id.All(char.IsAsciiLetterOrDigit) ? id : "of this id")} in the journal. \"reverie journal list\" shows what there is.");
}
