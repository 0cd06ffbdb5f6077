using System.CommandLine;
using Reverie.Cli.Chat;
using Reverie.Cli.Display;
using Reverie.Models;
using Reverie.Sleep;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary><c>reverie forget</c>: erases what was said and all that was derived from it, and proves it.</summary>
internal sealed class ForgetCommand : JournalSubcommand
{
    private const int Shown = 10;

    /// <summary>Creates the command.</summary>
    public ForgetCommand(Terminal terminal) : base("forget", "Erase what was said and everything that was derived from it: messages, what the model repeated, mornings that learned from them. The adapter is made anew from the base and what is left, and once more from a journal that never had it: both must be the same, bit for bit. The receipt is signed.",
        "forget --match Rufus", "forget --id 5f0c2a", "forget --all --yes", "forget --verify receipt.json")
    {
        Option<string?> match = Option<string?>("--match", "Every message with this text in it, whoever wrote it.", "TEXT");
        Option<string?> id = Option<string?>("--id", "A message or a conversation; reverie journal search shows ids.", "ID");
        Option<bool> all = Option<bool>("--all", "Everything of the user.");
        Option<bool> yes = Option<bool>("--yes", "Do not ask before erasing.");
        Option<string?> model = Option<string?>("--model", "The base whose adapter is made anew. [default: the one that was made last]", "MODEL");
        Option<string?> verify = Option<string?>("--verify", "Only look whether a receipt is what this workspace signed.", "FILE");
        Option<int> threads = ThreadsOption();
        Validators.Add(result =>
        {
            int asked = (result.GetValue(match) is null ? 0 : 1) + (result.GetValue(id) is null ? 0 : 1) + (result.GetValue(all) ? 1 : 0) + (result.GetValue(verify) is null ? 0 : 1);
            if (asked != 1) result.AddError("Say what to forget with one of --match TEXT, --id ID and --all, or look at a receipt with --verify FILE.");
        });
        Act(terminal, async (parsed, journal, owner, place, cancellation) =>
        {
            Workspace workspace = WorkspaceOf(parsed);
            if (parsed.GetValue(verify) is { } file) return Tell(place, Receipt.Verify(workspace, file), "The receipt is what this workspace signed.");
            var forgetting = new Forgetting(workspace, journal);
            ForgetPlan plan = await forgetting.PlanAsync(new ForgetRequest(owner, parsed.GetValue(match), parsed.GetValue(id), parsed.GetValue(all)), cancellation);
            if (plan.IsEmpty)
            {
                place.Messages.WriteLine("There is nothing of it: nothing was erased.");
                return new { User = owner, Forgotten = false };
            }

            Show(place, plan);
            if (!parsed.GetValue(yes) && !(terminal.IsInteractive && terminal.ReadLine("Erase it? [y/N] ")?.Trim() is "y" or "Y" or "yes"))
                throw new ReverieException("Nothing was erased. Add --yes to erase it without being asked.");
            string? name = parsed.GetValue(model) ?? (plan.NeedsModel ? ModelInUse.Newest(workspace) : null);
            using Sleeper? sleeper = name is null ? null : new Sleeper(workspace, name, new NightOptions { Threads = parsed.GetValue(threads) });
            var line = new PhaseLine(place);
            Receipt receipt = await forgetting.RunAsync(plan, sleeper, line.Tell, cancellation);
            line.End();
            return Tell(place, receipt, "Forgotten.");
        });
    }

    private static void Show(Terminal place, ForgetPlan plan)
    {
        place.Messages.WriteLine($"{MorningWords.Line(plan)}:");
        foreach (JournalMessage message in plan.Messages.Take(Shown)) place.Messages.WriteLine($"  {Local(message.Created)}  {message.Role.ToString().ToLowerInvariant(),-9} {Short(message.Text)}");
        if (plan.Messages.Count > Shown) place.Messages.WriteLine($"  and {plan.Messages.Count - Shown} more");
    }

    private static Receipt Tell(Terminal place, Receipt receipt, string first)
    {
        place.Messages.WriteLine(first);
        foreach (string line in MorningWords.Lines(receipt)) place.Messages.WriteLine(line);
        place.Messages.WriteLine($"  Receipt: {receipt.File}");
        return receipt;
    }

    private static string Short(string text) => Visible(text.ReplaceLineEndings(" ")) is var line && line.Length > 70 ? line[..69] + "…" : line;
}
