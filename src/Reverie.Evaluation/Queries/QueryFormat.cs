using System.Text.Json;

namespace Reverie.Evaluation;

/// <summary>One way in which questions are written down in JSON lines, with the conventions by which they are asked.</summary>
/// <param name="Name">What <c>--format</c> calls it.</param>
/// <param name="Scoring">How options are compared.</param>
/// <param name="Draw">How examples are drawn.</param>
/// <param name="Recognises">Whether a document with these fields is one of its own.</param>
/// <param name="Read">Reads a document.</param>
public sealed record QueryFormat(string Name, QueryScoring Scoring, FewShotDraw Draw, Func<JsonElement, bool> Recognises, Func<QueryFields, QueryItem> Read)
{
    /// <summary>Stands between context and continuation.</summary>
    public string Delimiter { get; init; } = " ";

    /// <summary>Version of the conventions, as the harness numbers its task.</summary>
    public string Version { get; init; } = "1.0";
}
