using System.CommandLine;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal share</c>: whether what several people told alike may reach the company.</summary>
internal sealed class JournalShareCommand : JournalSubcommand
{
    private const string Yes = "What I told may reach everybody who is answered here, where enough others told the same on their own. Nothing about me goes with it, and not that it was I who told it. I can withdraw this at any time.";

    private const string No = "What I told may no longer reach others.";

    /// <summary>Creates the command.</summary>
    public JournalShareCommand(Terminal terminal) : base("share", "Say whether what you told may reach everybody, where enough others told the same on their own (reverie sleep --company). Until you say so nothing does. Goes together with: reverie journal consent on.",
        "journal share show", "journal share on", "journal share off")
    {
        Argument<string> what = OnOffOrShow("Share, withdraw it, or see what was said.");
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            string choice = parsed.GetValue(what)!;
            if (choice != "show") await journal.SetSharingAsync(owner, choice == "on", choice == "on" ? Yes : No, cancellation);
            IReadOnlyList<Consent> history = await journal.ReadSharingAsync(owner, cancellation);
            bool isGiven = history is [{ IsGiven: true }, ..], mayLearn = await journal.ReadConsentAsync(owner, cancellation) is [{ IsGiven: true }, ..];
            place.Messages.WriteLine(!isGiven ? "You share nothing: what you told reaches nobody else." : mayLearn ? "You share with the company." : "You share with the company as soon as sleep may learn from you: reverie journal consent on.");
            if (choice == "off") place.Messages.WriteLine("The company's next night unlearns what too few people tell then: reverie sleep --company");
            Show(place, history);
            return new { User = owner, Shares = isGiven && mayLearn, History = history };
        });
    }
}
