using Reverie.Cli.Commands;

namespace Reverie.Cli.Benchmarks;

/// <summary><c>reverie bench</c>: how fast this machine is at what matters.</summary>
internal sealed class BenchCommand : ReverieCommand
{
    /// <summary>Creates the command with those below it.</summary>
    public BenchCommand(Terminal terminal) : base("bench", "Measure this machine: medians after a warm-up, beside the measured ceiling of its arithmetic.",
        "bench tensors", "bench train --width 256 --layers 6 --json", "bench decode --sequences 64", "bench adapters", "bench tokenizer book.txt", "bench serve --streams 32")
    {
        Subcommands.Add(new BenchTensors(terminal));
        Subcommands.Add(new BenchTrain(terminal));
        Subcommands.Add(new BenchDecode(terminal));
        Subcommands.Add(new BenchGreedy(terminal));
        Subcommands.Add(new BenchAdapters(terminal));
        Subcommands.Add(new BenchTokenizer(terminal));
        Subcommands.Add(new BenchServe(terminal));
    }
}
