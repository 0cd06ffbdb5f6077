using Reverie.Tensors;

namespace Reverie.Lab;

/// <summary>The arms of the experiment.</summary>
public static class LabArms
{
    /// <summary>The base as it is; it never learns anything.</summary>
    public const string Frozen = "frozen";

    /// <summary>The base with everything that was said before the question, newest last, cut to the context.</summary>
    public const string FullContext = "full-context";

    /// <summary>The base with what retrieval finds.</summary>
    public const string Retrieval = "retrieval";

    /// <summary>LoRA on the raw chats.</summary>
    public const string Naive = "naive-lora";

    /// <summary>Sleep, the weights alone.</summary>
    public const string Sleep = "sleep";

    /// <summary>Sleep with what retrieval finds.</summary>
    public const string Both = "sleep+retrieval";

    /// <summary>Retrained from the base on everything that holds.</summary>
    public const string Oracle = "oracle";

    /// <summary>All, in the order in which they are shown.</summary>
    public static IReadOnlyList<string> All { get; } = [Frozen, FullContext, Retrieval, Naive, Sleep, Both, Oracle];

    /// <summary>Arms by their names, in the order of <see cref="All"/>; nothing means all, and the frozen base is always among them.</summary>
    /// <exception cref="ReverieException">There is no such arm.</exception>
    public static IReadOnlyList<string> Parse(IReadOnlyList<string> names)
    {
        string[] wanted = [.. names.SelectMany(n => n.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        if (wanted.FirstOrDefault(w => !All.Contains(w)) is { } unknown) throw new ReverieException($"There is no arm \"{unknown}\". There are: {string.Join(", ", All)}.");
        return wanted.Length == 0 ? All : [.. All.Where(a => a == Frozen || wanted.Contains(a))];
    }

    /// <summary>What an arm is, in a few words.</summary>
    public static string Describe(string arm) => arm switch
    {
        Frozen => "the base, which learns nothing",
        FullContext => "the base with all that was said before each question, newest last, as much as the context holds",
        Retrieval => "the base with what retrieval finds for each question",
        Naive => "LoRA on the raw chats: no triage, no replay, no gates",
        Sleep => "sleep, the weights alone",
        Both => "sleep, and what retrieval finds",
        _ => "retrained from the base on all that holds, by the simulation's own truth; what the same material can reach",
    };
}
