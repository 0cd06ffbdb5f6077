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

    /// <inheritdoc/>
    protected override Question Read(JsonElement line)
    {
        string question = Text(line, "question"), gold = Text(line, "answer");
        string right = Gsm8kAnswer.Strict(gold);
        if (right == Gsm8kAnswer.Invalid) throw new FormatException("the answer has no \"#### \" before its number");
        return new Question([new Message(Role.User, question)], calculations ? gold : Annotation().Replace(gold, ""), reply => Is(reply, Gsm8kAnswer.Flexible))
        {
            AlsoReports = reply => [new Score("strict", Is(reply, Gsm8kAnswer.Strict))],
        };

        // Many a question ends with the number that is its answer, and a call of a tool has numbers too: neither is an answer.
        double Is(string reply, Func<string, string> extract) => reply.Trim() != question.Trim() && !reply.Contains(SpecialToken.ToolCallStart, StringComparison.Ordinal) && Gsm8kAnswer.Matches(extract(Reply.Answer(reply)), right) ? 1 : 0;
    }

    [GeneratedRegex("<<[^>]*>>")]
    private static partial Regex Annotation();
}
