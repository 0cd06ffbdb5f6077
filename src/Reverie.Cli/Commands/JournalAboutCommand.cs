using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal about</c>: what the journal knows, in numbers.</summary>
internal sealed class JournalAboutCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalAboutCommand(Terminal terminal) : base("about", "Say in numbers what the journal knows about you, and what was deleted when.", "journal about", "journal about --user ada --json") =>
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            JournalSummary summary = await journal.SummarizeAsync(owner, cancellation);
            TextWriter output = place.Messages;
            output.WriteLine($"{Figures.Whole(summary.Conversations)} conversations, {Figures.Whole(summary.Messages)} messages{(summary.Since is { } since ? $" since {Local(since)}" : "")}, {Figures.Whole(summary.Replies)} of them replies");
            output.WriteLine($"{Figures.Whole(summary.WordsTyped)} words typed; {summary.ThumbsUp} thumbs up, {summary.ThumbsDown} down, {summary.BetterAnswers} better answers");
            output.WriteLine(summary.HasConsent ? $"consent given {Local(summary.Consents[0].Said)}" : "no consent: nothing is learnt");
            if (summary.IsShared) output.WriteLine($"shared with the company since {Local(summary.Sharing[0].Said)}");
            foreach (JournalChange deletion in summary.Deletions) output.WriteLine($"deleted {Local(deletion.When)}  {deletion.Kind}  {deletion.Subject}");
            return new
            {
                User = owner,
                summary.Conversations,
                summary.Messages,
                summary.Replies,
                summary.WordsTyped,
                summary.Since,
                summary.ThumbsUp,
                summary.ThumbsDown,
                summary.BetterAnswers,
                Consent = summary.HasConsent,
                Shares = summary.IsShared,
                Deletions = summary.Deletions.Select(d => new { d.When, Kind = d.Kind.ToString(), d.Subject, d.Conversation }),
            };
        });
}
