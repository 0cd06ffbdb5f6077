using Reverie.Evaluation;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>Does long work while a person watches: repainted on a terminal, in plain lines elsewhere; Ctrl+C stops it cleanly.</summary>
internal static class LiveRun
{
    private static readonly TimeSpan _lineInterval = TimeSpan.FromSeconds(10);

    /// <summary>Does the work.</summary>
    /// <param name="terminal">Where it is watched.</param>
    /// <param name="progress">Follows it.</param>
    /// <param name="view">Shows the plan once it stands; the second argument says whether a run goes on.</param>
    /// <param name="work">The work.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static T Do<T>(Terminal terminal, RaiseProgress progress, Func<RaisePlan, bool, IRenderable> view, Func<IReadOnlyList<IRaiseListener>, CancellationToken, T> work)
    {
        using var interruption = new Interruption(() =>
        {
            progress.Stop();
            if (!terminal.IsLive) terminal.Messages.WriteLine("Stopping after this step; Ctrl+C again ends at once.");
        });
        if (terminal.IsLive)
        {
            using var display = new RaiseDisplay(terminal.Console, progress);
            progress.PlanStands += (plan, resumed) => display.WriteAbove(view(plan, resumed));
            return work([progress], interruption.Token);
        }

        progress.PlanStands += (plan, resumed) => terminal.Console.Write(view(plan, resumed));
        return work([progress, new PlainRaiseLog(terminal.Messages, progress, _lineInterval)], interruption.Token);
    }
}
