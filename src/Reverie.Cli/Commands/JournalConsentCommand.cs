using System.CommandLine;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal consent</c>: whether sleep may learn from the journal.</summary>
internal sealed class JournalConsentCommand : JournalSubcommand
{
    private const string Yes = "Reverie may learn from my conversations while it sleeps. I can withdraw this and delete everything at any time.";

    private const string No = "Reverie may no longer learn from my conversations.";

    /// <summary>Creates the command.</summary>
    public JournalConsentCommand(Terminal terminal) : base("consent", "Say whether the model may learn from your conversations while it sleeps. Until you say so it may not.", "journal consent show", "journal consent on", "journal consent off")
    {
        Argument<string> what = OnOffOrShow("Give it, withdraw it, or see what was said.");
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            string choice = parsed.GetValue(what)!;
            if (choice != "show") await journal.SetConsentAsync(owner, choice == "on", choice == "on" ? Yes : No, cancellation);
            IReadOnlyList<Consent> history = await journal.ReadConsentAsync(owner, cancellation);
            bool isGiven = history is [{ IsGiven: true }, ..];
            place.Messages.WriteLine(isGiven ? "Consent is given." : "Consent is not given: nothing is learnt.");
            Show(place, history);
            return new { User = owner, Consent = isGiven, History = history };
        });
    }
}
