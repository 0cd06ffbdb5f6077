namespace Reverie.Cli.Display;

/// <summary>One line that says what is being done: rewritten in place on a terminal, a new line for each phase elsewhere.</summary>
internal sealed class PhaseLine(Terminal terminal)
{
    private const int Width = 72;
    private const double Step = 0.1;

    private string _phase = "";
    private double _told;

    /// <summary>Tells a phase and the share of it that is done; NaN where that is not known.</summary>
    public void Tell(string phase, double fraction)
    {
        string text = double.IsNaN(fraction) ? phase : $"{phase}, {fraction:0%}";
        if (terminal.IsLive)
        {
            terminal.Messages.Write($"\r{(text.Length > Width ? text[..Width] : text).PadRight(Width)}\r");
        }
        else
        {
            string name = phase.Split(',')[0];
            if (name == _phase && !(fraction >= _told + Step)) return;
            (_phase, _told) = (name, double.IsNaN(fraction) ? 0 : fraction);
            terminal.Messages.WriteLine(text);
        }

        terminal.Messages.Flush();
    }

    /// <summary>Takes the line away from a terminal.</summary>
    public void End()
    {
        if (terminal.IsLive) terminal.Messages.Write($"\r{new string(' ', Width)}\r");
    }
}
