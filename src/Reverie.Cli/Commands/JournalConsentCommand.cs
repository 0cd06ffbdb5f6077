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
        var what = new Argument<string>("on|off|show") { Description = "Give it, withdraw it, or see what was said.", DefaultValueFactory = _ => "show" };
        what.AcceptOnlyFromAmong("on", "off", "show");
        Arguments.Add(what);
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            string choice = parsed.GetValue(what)!;
            if (choice != "show") await journal.SetConsentAsync(owner, choice == "on", choice == "on" ? Yes : No, cancellation);
            IReadOnlyList<Consent> history = await journal.ReadConsentAsync(owner, cancellation);
            bool isGiven = history.Count > 0 && history[0].IsGiven;
            place.Messages.WriteLine(isGiven ? "Consent is given." : "Consent is not given: nothing is learnt.");
            foreach (Consent said in history) place.Messages.WriteLine($"  {Local(said.Said)}  {(said.IsGiven ? "yes" : "no ")}  {Visible(said.Wording)}");
            return new { User = owner, Consent = isGiven, History = history };
        });
    }
}
