using System.Text.Json;
using System.Text.RegularExpressions;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// Grade-school word problems from GSM8K's own JSON lines (arXiv 2110.14168): reasoning, then "#### " and the answer. The reward is
/// lm-evaluation-harness's flexible extraction, the last number of the reply; its strict one is reported as the score "strict".
/// </summary>
/// <param name="path">The file, with question and answer on each line.</param>
/// <param name="calculations">Whether the expert keeps the annotations for a calculator, such as &lt;&lt;3+4=7&gt;&gt;.</param>
public sealed partial class Gsm8k(string path, bool calculations = false) : QuestionFile(path)
{
    /// <inheritdoc/>
    public override string Name => "gsm8k";

    /// <summary>What the reply answers: the number behind "####", or the last of all where not strict; null for none.</summary>
    public static string? Extract(string reply, bool strict)
    {
        Match? match = strict ? Strict().Match(reply) : Flexible().Matches(reply).LastOrDefault();
        return match is { Success: true } ? (strict ? match.Groups[1] : match.Groups[0]).Value.Replace(",", "").Replace("$", "").TrimEnd('.') : null;
    }

    /// <inheritdoc/>
    protected override Question Read(JsonElement line)
    {
        string question = Text(line, "question"), gold = Text(line, "answer");
        string right = Extract(gold, strict: true) ?? throw new FormatException("the answer has no \"#### \" before its number");
        return new Question([new Message(Role.User, question)], calculations ? gold : Annotation().Replace(gold, ""), reply => Is(reply, strict: false))
        {
            AlsoReports = reply => [new Score("strict", Is(reply, strict: true))],
        };

        // Many a question ends with the number that is its answer, and a call of a tool has numbers too: neither is an answer.
        double Is(string reply, bool strict) => reply.Trim() != question.Trim() && !reply.Contains(SpecialToken.ToolCallStart, StringComparison.Ordinal) && Extract(Reply.Answer(reply), strict) == right ? 1 : 0;
    }

    [GeneratedRegex(@"#### (-?[0-9.,]+)")]
    private static partial Regex Strict();

    [GeneratedRegex(@"-?[$0-9.,]{2,}|-?[0-9]+")]
    private static partial Regex Flexible();

    [GeneratedRegex("<<[^>]*>>")]
    private static partial Regex Annotation();
}
