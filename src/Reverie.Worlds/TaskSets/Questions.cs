using System.Text.Json;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// Any set of questions in JSON lines, answered in words. With choices (also HellaSwag's endings and ARC's choices with labels) they are listed
/// under letters and right is the letter, the text, or both; without, the answer must be the same but for case, space and final punctuation.
/// </summary>
/// <remarks>
/// Fields: question, query, prompt or ctx; choices, endings or options; answer, target, gold, label or answerKey, which is an index from 0, a
/// letter, a label or the text itself. Comparing likelihoods instead is the work of evaluation.
/// </remarks>
/// <param name="path">The file.</param>
public sealed class Questions(string path) : QuestionFile(path)
{
    /// <inheritdoc/>
    public override string Name { get; } = Path.GetFileNameWithoutExtension(path);

    /// <inheritdoc/>
    protected override Question Read(JsonElement line)
    {
        string question = Text(line, "question", "query", "prompt", "ctx"), right = Text(line, "answer", "target", "gold", "label", "answerKey");
        (string[] choices, string[] labels) = Choices(line);
        if (choices.Length == 0) return new Question([new Message(Role.User, question)], right, reply => Reply.Same(Reply.Answer(reply), right) ? 1 : 0);

        int gold = Array.IndexOf(choices, right);
        if (gold < 0) gold = Array.IndexOf(labels, right);
        if (gold < 0 && !int.TryParse(right, out gold)) gold = -1;
        if (gold < 0 || gold >= choices.Length) throw new FormatException($"the answer \"{right}\" is none of the {choices.Length} choices");
        string letter = $"{(char)('A' + gold)}", listed = string.Join('\n', choices.Select((c, i) => $"{(char)('A' + i)}. {c}"));
        string[] accepted = [letter, choices[gold], $"{letter}. {choices[gold]}", $"{letter}) {choices[gold]}", $"({letter})", $"the answer is {letter}"];
        return new Question([new Message(Role.User, $"{question}\n{listed}\nAnswer with the letter.")], letter, reply => accepted.Any(a => Reply.Same(Reply.Answer(reply), a)) ? 1 : 0)
        {
            Wrong = new Script($"{(char)('A' + ((gold + 1) % choices.Length))}"),
            Hacks = [("every letter", new Script(string.Join(' ', choices.Select((_, i) => (char)('A' + i)))))],
        };
    }

    private static (string[] Choices, string[] Labels) Choices(JsonElement line)
    {
        foreach (string name in (ReadOnlySpan<string>)["choices", "endings", "options"])
        {
            if (!line.TryGetProperty(name, out JsonElement value)) continue;
            JsonElement texts = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("text", out JsonElement inner) ? inner : value;
            if (texts.ValueKind != JsonValueKind.Array || texts.GetArrayLength() is < 2 or > 26) throw new FormatException($"{name} must be a list of 2 to 26 texts");
            string[] choices = [.. texts.EnumerateArray().Select(t => t.ToString())];
            string[] labels = value.ValueKind == JsonValueKind.Object && value.TryGetProperty("label", out JsonElement own) && own.ValueKind == JsonValueKind.Array
                ? [.. own.EnumerateArray().Select(t => t.ToString())] : [.. choices.Select((_, i) => $"{(char)('A' + i)}")];
            return (choices, labels);
        }

        return ([], []);
    }
}
