using System.CommandLine;
using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Cli.Commands;

/// <summary>Weight types on a command line.</summary>
internal static class ModelTypes
{
    /// <summary>Those that can be written, by name.</summary>
    public static string[] Names { get; } = [.. new[] { WeightType.F32, WeightType.F16, WeightType.BF16, WeightType.Q8_0, WeightType.Q4_K }.Select(ModelExport.Name)];

    /// <summary>Limits an option to them.</summary>
    public static Option<T> Accept<T>(Option<T> option)
    {
        option.AcceptOnlyFromAmong(Names);
        return option;
    }

    /// <summary>The type of that name; null for no name.</summary>
    public static WeightType? Parse(string? name) => name is null ? null : Enum.Parse<WeightType>(name, ignoreCase: true);

    /// <summary>What a model's weights are, in words.</summary>
    public static string Words(Checkpoint model) =>
        string.Join(", ", model.WeightTypes().Select(t => $"{ModelExport.Name(t.Type)} {Figures.Bytes(t.Bytes)}"));
}
