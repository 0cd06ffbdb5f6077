using System.CommandLine;
using Reverie.Models;

namespace Reverie.Cli.Commands;

/// <summary>The options that say how tokens are drawn, the same in <c>chat</c> and <c>generate</c>.</summary>
internal sealed class SamplingFlags
{
    private readonly Option<float> _temperature, _topP, _minP, _repetitionPenalty;
    private readonly Option<int> _topK, _maxTokens;
    private readonly Option<ulong?> _seed;

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="defaults">What holds where nothing is said.</param>
    public SamplingFlags(ReverieCommand command, SamplingOptions defaults)
    {
        _temperature = command.Within(command.Option("--temperature", "0 always takes the likeliest token; higher is more varied.", defaults.Temperature, "T"), 0, 100);
        _topK = command.Within(command.Option("--top-k", "Draw among so many of the likeliest tokens; 0 for all.", defaults.TopK, "K"), 0, int.MaxValue);
        _topP = command.Within(command.Option("--top-p", "Draw among the fewest tokens that hold this share of the probability.", defaults.TopP, "P"), 1e-6, 1);
        _minP = command.Within(command.Option("--min-p", "Drop tokens below this share of the likeliest one's probability.", defaults.MinP, "P"), 0, 1);
        _repetitionPenalty = command.Within(command.Option("--repetition-penalty", "Above 1 makes words that were just used less likely.", defaults.RepetitionPenalty, "X"), 0.01, 100);
        _maxTokens = command.Within(command.Option("--max-tokens", "Longest reply in tokens.", defaults.MaxTokens, "N"), 1, 1 << 20);
        _seed = command.Option<ulong?>("--seed", "The same seed gives the same text. [default: another one each time]", "N");
    }

    /// <summary>The seed that was given; null for none.</summary>
    public ulong? SeedOf(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>What the command line says.</summary>
    public SamplingOptions Read(ParseResult parsed) => new()
    {
        Temperature = parsed.GetValue(_temperature),
        TopK = parsed.GetValue(_topK),
        TopP = parsed.GetValue(_topP),
        MinP = parsed.GetValue(_minP),
        RepetitionPenalty = parsed.GetValue(_repetitionPenalty),
        MaxTokens = parsed.GetValue(_maxTokens),
        Seed = parsed.GetValue(_seed) ?? (ulong)Environment.TickCount64,
    };
}
