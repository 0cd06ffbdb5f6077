using System.CommandLine;
using Reverie.Sleep;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie journal search</c>: where something was said.</summary>
internal sealed class JournalSearchCommand : JournalSubcommand
{
    /// <summary>Creates the command.</summary>
    public JournalSearchCommand(Terminal terminal) : base("search", "Find what was said, newest first. All words must be there; the beginning of a word is enough.", "journal search kite", "journal search \"red kit\" --json")
    {
        var text = new Argument<string[]>("TEXT") { Description = "Words.", Arity = ArgumentArity.OneOrMore };
        Arguments.Add(text);
        Option<int> limit = Within(Option("--limit", "How many at most.", 20, "N"), 1, 1000);
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            IReadOnlyList<SearchHit> hits = await journal.SearchAsync(owner, string.Join(' ', parsed.GetValue(text)!), parsed.GetValue(limit), cancellation: cancellation);
            foreach (SearchHit hit in hits)
            {
                place.Messages.WriteLine($"{hit.Conversation}  {Local(hit.Written)}  {Visible(Title(hit.Title))}");
                if (hit.Message is not null) place.Messages.WriteLine($"    {Visible(hit.Snippet)}");
            }

            if (hits.Count == 0) place.Messages.WriteLine("Nothing was found.");
            return new { User = owner, Hits = hits.Select(h => new { h.Conversation, h.Title, h.Message, h.Written, h.Snippet }) };
        });
    }
}
