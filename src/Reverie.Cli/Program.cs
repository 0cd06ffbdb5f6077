using Reverie.Cli;

return Shell.Run(args, Terminal.OfProcess());
