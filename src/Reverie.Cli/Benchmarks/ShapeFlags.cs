using System.CommandLine;
using Reverie.Cli.Commands;
using Reverie.Models;

namespace Reverie.Cli.Benchmarks;

/// <summary>The options that say what shape a benchmark's model has.</summary>
internal sealed class ShapeFlags
{
    private readonly Option<int> _width, _layers, _vocabulary;

    /// <summary>Adds the options to a command.</summary>
    public ShapeFlags(ReverieCommand command, int width, int layers, int vocabulary)
    {
        _width = command.Within(command.Option("--width", "Width, a multiple of 32.", width, "W"), 32, 1 << 14);
        _layers = command.Within(command.Option("--layers", "Blocks.", layers, "L"), 1, 1024);
        _vocabulary = command.Within(command.Option("--vocabulary", "Rows of the token table.", vocabulary, "V"), 2, 1 << 20);
    }

    /// <summary>The house's shape of that size with a tied head.</summary>
    public TransformerConfig Read(ParseResult parsed, int contextLength) =>
        (TransformerConfig.ForWidth(parsed.GetValue(_width), parsed.GetValue(_layers), parsed.GetValue(_vocabulary), contextLength) with { TiedEmbeddings = true }).Validate();
}
