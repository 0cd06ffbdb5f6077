using Reverie.Models;
using Reverie.Worlds;

namespace Reverie.Sleep;

/// <summary>
/// What a journal holds for sleep: the sentences of its owner's messages and the judged replies, in the order in which they came. Only the
/// branch that its owner stands on counts: what was edited away is not held against anybody. What came from a file vouches for nothing.
/// </summary>
public sealed class JournalReading
{
    // Longer prompts are about the conversation and not about the reply.
    private const int LessonTurns = 4;

    // Enough to draw canaries from; reading all that a model ever said would take longer than everything else.
    private const int MostClaims = 1000;

    private JournalReading(IReadOnlyList<Statement> statements, IReadOnlyList<JournalMessage> replies, IReadOnlyList<Lesson> lessons, IReadOnlyList<string> claims, IReadOnlySet<string> messages, long sequence) =>
        (Statements, Replies, Lessons, Claims, Messages, Sequence) = (statements, replies, lessons, claims, messages, sequence);

    /// <summary>All sentences, oldest first.</summary>
    public IReadOnlyList<Statement> Statements { get; }

    /// <summary>All that the assistant said, in other branches too, in no order.</summary>
    public IReadOnlyList<JournalMessage> Replies { get; }

    /// <summary>All judged replies, oldest first.</summary>
    public IReadOnlyList<Lesson> Lessons { get; }

    /// <summary>Different sentences that nobody may learn from: what models and tools said, and what was edited away. The newest ones.</summary>
    public IReadOnlyList<string> Claims { get; }

    /// <summary>Ids of all messages that are there, those of other branches too.</summary>
    public IReadOnlySet<string> Messages { get; }

    /// <summary>Number of the last change of the journal that was seen.</summary>
    public long Sequence { get; }

    /// <summary>Reads an owner's journal.</summary>
    public static async Task<JournalReading> ReadAsync(IJournal journal, string owner, CancellationToken cancellation = default)
    {
        var messages = new List<(long Sequence, JournalMessage Message, IReadOnlyList<JournalMessage> Path)>();
        IReadOnlyList<ConversationTree> trees = await journal.ReadTreesAsync(owner, cancellation).ConfigureAwait(false);
        foreach (ConversationTree tree in trees.Where(t => !t.Conversation.IsImported))
        {
            IReadOnlyList<JournalMessage> path = tree.ActivePath;
            foreach (JournalMessage message in path.Where(m => !m.IsImported)) messages.Add((message.Sequence, message, path));
        }

        messages.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        var statements = new List<Statement>();
        var lessons = new List<Lesson>();
        foreach ((_, JournalMessage message, IReadOnlyList<JournalMessage> path) in messages)
        {
            if (message.Role is Role.User) statements.AddRange(SentencesOf(message));
            else if (message.Role is Role.Assistant && message.Feedback is { } feedback && LessonOf(message, feedback, path) is { } lesson) lessons.Add(lesson);
        }

        HashSet<string> heard = [.. messages.Where(m => m.Message.Role is Role.User).Select(m => m.Message.Id)];
        IEnumerable<string> claims = trees.Where(t => !t.Conversation.IsImported).SelectMany(t => t.Messages).Where(m => !m.IsImported && !heard.Contains(m.Id))
            .OrderByDescending(m => m.Sequence).SelectMany(m => m.Parts).SelectMany(p => FactReader.Sentences(p.Text)).Distinct().Take(MostClaims);
        JournalMessage[] replies = [.. trees.Where(t => !t.Conversation.IsImported).SelectMany(t => t.Messages).Where(m => !m.IsImported && m.Role is Role.Assistant)];
        return new JournalReading(statements, replies, lessons, [.. claims], trees.SelectMany(t => t.Messages).Select(m => m.Id).ToHashSet(), trees.Count == 0 ? 0 : trees.Max(t => t.Conversation.Sequence));
    }

    /// <summary>The same without some messages, as if they had been deleted from the branch that their owner stands on.</summary>
    public JournalReading Without(IReadOnlySet<string> messages) => new([.. Statements.Where(s => !messages.Contains(s.Message))], [.. Replies.Where(m => !messages.Contains(m.Id))],
        [.. Lessons.Where(l => !l.Sources.Any(messages.Contains))], Claims, Messages.Except(messages).ToHashSet(), Sequence);

    private static IEnumerable<Statement> SentencesOf(JournalMessage message)
    {
        foreach (MessagePart part in message.Parts)
        {
            int at = 0;
            foreach (string sentence in FactReader.Sentences(part.Text))
            {
                at = part.Text.IndexOf(sentence, at, StringComparison.Ordinal);
                Provenance trust = part.Kind is PartKind.Text ? Trust(part, at, sentence.Length) : part.Spans.Count > 0 ? part.Spans[0].Source : Provenance.Pasted;
                yield return new Statement(sentence, part.Kind is PartKind.Text || trust != Provenance.Typed ? trust : Provenance.Pasted, message.Id, message.Created);
                at += sentence.Length;
            }
        }
    }

    private static Lesson? LessonOf(JournalMessage reply, Feedback feedback, IReadOnlyList<JournalMessage> path)
    {
        string? better = string.IsNullOrWhiteSpace(feedback.BetterAnswer) ? null : feedback.BetterAnswer.Trim();
        if (better is null && !feedback.IsGood) return null;
        JournalMessage[] prompt = [.. path.TakeWhile(m => m.Id != reply.Id).Where(m => m.Role is Role.User or Role.Assistant).TakeLast(LessonTurns)];
        if (prompt.Length == 0 || prompt[^1].Role is not Role.User || prompt.Any(m => m.Text.Length == 0) || (better ?? reply.Text).Length == 0) return null;
        int first = Array.FindIndex(prompt, m => m.Role is Role.User);
        prompt = prompt[first..];
        // Of several sources the first that is neither hers nor the model's decides; none is as good as typed.
        Provenance trust = prompt.Append(reply).SelectMany(m => m.Parts).SelectMany(p => p.Spans).Select(s => s.Source).FirstOrDefault(s => s is not (Provenance.Typed or Provenance.Model));
        return new Lesson([.. prompt.Select(m => new Message(m.Role, m.Text))], better ?? reply.Text, better is null ? null : reply.Text, reply.Id, [.. prompt.Select(m => m.Id), reply.Id], trust, feedback.Given);
    }

    private static Provenance Trust(MessagePart part, int start, int length)
    {
        foreach (ProvenanceSpan span in part.Spans)
            if (span.Source is not Provenance.Typed && span.Start < start + length && start < span.Start + span.Length) return span.Source;
        return Provenance.Typed;
    }
}
