using Spectre.Console;
using Spectre.Console.Rendering;

namespace Reverie.Cli.Display;

/// <summary>
/// Paints a <see cref="RaiseProgress"/> a few times a second, from a thread of its own, while the work goes on elsewhere. Each picture
/// is one write over the one before, so it does not flicker; the cursor rests on the line below, where what is typed
/// meanwhile does no harm.
/// </summary>
internal sealed class RaiseDisplay : IDisposable
{
    private const string HideCursor = "\e[?25l", ShowCursor = "\e[?25h", EraseLineEnd = "\e[K", EraseBelow = "\e[J";

    /// <summary>Terminals that know this show all of a picture at once; the others ignore it.</summary>
    private const string BeginPicture = "\e[?2026h", EndPicture = "\e[?2026l";

    private static readonly TimeSpan _interval = TimeSpan.FromMilliseconds(300);

    private readonly IAnsiConsole _console;
    private readonly RaiseProgress _progress;
    private readonly Lock _lock = new();
    private readonly ManualResetEventSlim _over = new();
    private readonly Thread _painter;
    private int _height, _width;

    /// <summary>Begins to paint.</summary>
    public RaiseDisplay(IAnsiConsole console, RaiseProgress progress)
    {
        (_console, _progress, _width) = (console, progress, console.Profile.Width);
        Write(HideCursor);
        _painter = new Thread(Run) { IsBackground = true, Name = "reverie-display", Priority = ThreadPriority.BelowNormal };
        _painter.Start();
    }

    /// <summary>Writes something that stays, above the picture.</summary>
    public void WriteAbove(IRenderable renderable)
    {
        lock (_lock)
        {
            Write(Top() + EraseBelow);
            _height = 0;
            _console.Write(renderable);
        }

        Paint();
    }

    /// <summary>Paints the last picture and gives the cursor back.</summary>
    public void Dispose()
    {
        _over.Set();
        _painter.Join();
        _over.Dispose();
        Paint();
        Write(ShowCursor);
    }

    private void Run()
    {
        do Paint();
        while (!_over.Wait(_interval));
    }

    private void Paint()
    {
        lock (_lock)
        {
            int width = _console.Profile.Width;
            // After a change of width nobody knows where the terminal has put the old lines: begin on a clean screen.
            string clear = width == _width ? "" : "\e[2J\e[H";
            if (clear.Length > 0) _height = 0;
            _width = width;
            string picture = _console.ToAnsi(new RaiseFrame(_progress.Snapshot(), Math.Max(4, _console.Profile.Height - 1))).ReplaceLineEndings("\n").TrimEnd('\n');
            Write(BeginPicture + clear + Top() + picture.Replace("\n", EraseLineEnd + "\n", StringComparison.Ordinal) + EraseLineEnd + "\n" + EraseBelow + EndPicture);
            _height = picture.Count(c => c == '\n') + 1;
        }
    }

    /// <summary>Goes to where the picture begins.</summary>
    private string Top() => _height == 0 ? "\r" : $"\r\e[{_height}A";

    private void Write(string text)
    {
        _console.Profile.Out.Writer.Write(text);
        _console.Profile.Out.Writer.Flush();
    }
}
