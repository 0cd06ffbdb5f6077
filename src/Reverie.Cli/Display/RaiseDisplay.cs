using Spectre.Console;

namespace Reverie.Cli.Display;

/// <summary>Paints a <see cref="RaiseProgress"/> a few times a second, from a thread of its own, while the work goes on in the caller's.</summary>
internal static class RaiseDisplay
{
    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(300);

    /// <summary>Does the work under the display; the cursor is restored however it ends.</summary>
    public static T Follow<T>(IAnsiConsole console, RaiseProgress progress, Func<T> work) =>
        console.Live(new RaiseFrame(progress.Snapshot())).Overflow(VerticalOverflow.Crop).Cropping(VerticalOverflowCropping.Bottom).Start(live =>
        {
            using var over = new ManualResetEventSlim();
            var painter = new Thread(() =>
            {
                int width = console.Profile.Width;
                do
                {
                    if (console.Profile.Width != width)
                    {
                        // The old lines were wrapped by the terminal and cannot be overwritten any more.
                        width = console.Profile.Width;
                        console.Clear(home: true);
                    }

                    live.UpdateTarget(new RaiseFrame(progress.Snapshot()));
                }
                while (!over.Wait(_interval));
            })
            { IsBackground = true, Name = "reverie-display", Priority = ThreadPriority.BelowNormal };
            painter.Start();
            try
            {
                return work();
            }
            finally
            {
                over.Set();
                painter.Join();
                live.UpdateTarget(new RaiseFrame(progress.Snapshot()));
            }
        });
}
