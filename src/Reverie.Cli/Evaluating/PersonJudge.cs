using Reverie.Cli.Display;
using Reverie.Evaluation;

namespace Reverie.Cli.Evaluating;

/// <summary>A person at the terminal, who sees two replies and does not know whose they are.</summary>
internal sealed class PersonJudge(Terminal terminal) : IArenaJudge
{
    /// <inheritdoc/>
    public double[] Judge(IReadOnlyList<ArenaMatch> matches, CancellationToken cancellation)
    {
        double[] verdicts = [.. matches.Select(_ => double.NaN)];
        for (int i = 0; i < matches.Count; i++)
        {
            ArenaMatch match = matches[i];
            if (match.First.ReplyText == match.Second.ReplyText)
            {
                // Nobody has to read the same reply twice.
                verdicts[i] = 0.5;
                continue;
            }

            TextWriter text = terminal.Messages;
            text.WriteLine();
            text.WriteLine($"{i + 1} of {matches.Count}");
            foreach (string line in match.Item.Prompt.SelectMany(m => $"{m.Role}: {m.Content}".Split('\n'))) text.WriteLine($"  {RaiseFrame.Printable(line)}");
            Show("a", match.First.ReplyText, text);
            Show("b", match.Second.ReplyText, text);
            if (Ask(cancellation) is not { } verdict) break;
            verdicts[i] = verdict;
        }

        return verdicts;
    }

    /// <summary>The verdict; null to stop.</summary>
    private double? Ask(CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            switch (terminal.ReadLine("better: a, b, t for a tie, q to stop > ")?.Trim().ToLowerInvariant())
            {
                case "a": return 1;
                case "b": return 0;
                case "t" or "tie": return 0.5;
                case null or "q": return null;
                default:
                    terminal.Messages.WriteLine("Type a, b, t or q.");
                    break;
            }
        }
    }

    private static void Show(string name, string reply, TextWriter text)
    {
        text.WriteLine($"  --- {name}");
        foreach (string line in reply.Split('\n')) text.WriteLine($"  {RaiseFrame.Printable(line)}");
    }
}
