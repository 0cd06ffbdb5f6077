using System.Text.Json;
using System.Text.RegularExpressions;
using Reverie.Tensors;

namespace Reverie.Evaluation;

/// <summary>The formats of questions that are known: the field's sets as they are published, and CORE's three.</summary>
public static partial class QueryFormats
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>All of them; one that more documents would fit comes later.</summary>
    public static IReadOnlyList<QueryFormat> All { get; } =
    [
        new("hellaswag", QueryScoring.Harness, FewShotDraw.OneStream, d => Has(d, "ctx_a", "ctx_b", "endings", "activity_label"), HellaSwag),
        new("piqa", QueryScoring.Harness, FewShotDraw.OneStream, d => Has(d, "goal", "sol1", "sol2"), Piqa),
        new("arc", QueryScoring.Harness, FewShotDraw.OneStream, d => Has(d, "question", "answerKey"), Arc),
        new("mmlu", QueryScoring.HarnessLetters, FewShotDraw.First, d => Has(d, "question", "choices", "answer"), Mmlu),
        new("multiple_choice", QueryScoring.Core, FewShotDraw.PerQuestion, d => Has(d, "query", "choices", "gold"), CoreMultipleChoice),
        new("schema", QueryScoring.Core, FewShotDraw.PerQuestion, d => Has(d, "context_options", "continuation", "gold"), CoreSchema),
        new("language_modeling", QueryScoring.Core, FewShotDraw.PerQuestion, d => Has(d, "context", "continuation"), CoreLanguageModeling),
        new("lambada", QueryScoring.LastWord, FewShotDraw.OneStream, _ => false, Lambada) { Delimiter = "" },
        new("text", QueryScoring.Text, FewShotDraw.First, d => Has(d, "text"), Text),
    ];

    /// <summary>The format with this name.</summary>
    /// <exception cref="ReverieException">There is none.</exception>
    public static QueryFormat Find(string name) => All.FirstOrDefault(f => f.Name == name)
        ?? throw new ReverieException($"There is no format {name}. Choose among {string.Join(", ", All.Select(f => f.Name))}.");

    /// <summary>The format that a document's fields tell.</summary>
    /// <exception cref="ReverieException">None fits.</exception>
    public static QueryFormat Recognise(JsonElement document, string path)
    {
        if (Has(document, "text") && Path.GetFileName(path).Contains("lambada", StringComparison.OrdinalIgnoreCase)) return Find("lambada");
        return All.FirstOrDefault(f => f.Recognises(document))
            ?? throw new ReverieException($"{path}: no format has the fields {string.Join(", ", document.EnumerateObject().Take(8).Select(p => p.Name))}. Name one with --format: {string.Join(", ", All.Select(f => f.Name))}.");
    }

    /// <summary>The clean-up of HellaSwag's texts, whose WikiHow part is full of titles and brackets.</summary>
    internal static string CleanHellaSwag(string text) =>
        Brackets().Replace(PythonText.Trim(text).Replace(" [title]", ". ", StringComparison.Ordinal), "").Replace("  ", " ", StringComparison.Ordinal);

    private static bool Has(JsonElement document, params string[] fields) => fields.All(f => document.TryGetProperty(f, out _));

    private static QueryItem HellaSwag(QueryFields fields)
    {
        string[] endings = [.. fields.Texts("endings").Select(CleanHellaSwag)];
        return new QueryItem
        {
            Contexts = [CleanHellaSwag($"{fields.Text("activity_label")}: {fields.Text("ctx_a")} {PythonText.Capitalize(fields.Text("ctx_b"))}")],
            Continuations = endings,
            Gold = fields.Gold(fields.Integer("label"), endings.Length),
            Document = fields.Json,
        };
    }

    private static QueryItem Piqa(QueryFields fields) => new()
    {
        Contexts = [$"Question: {fields.Text("goal")}\nAnswer:"],
        Continuations = [fields.Text("sol1"), fields.Text("sol2")],
        Gold = fields.Gold(fields.Integer("label"), 2),
        Document = fields.Json,
    };

    /// <summary>ARC as on the Hugging Face hub (choices has text and label), or as AI2 published it (question has stem and choices).</summary>
    private static QueryItem Arc(QueryFields fields)
    {
        string question;
        string[] choices, labels;
        if (fields.Has("choices"))
        {
            QueryFields inside = fields.Object("choices");
            (question, choices, labels) = (fields.Text("question"), inside.Texts("text"), inside.Texts("label"));
        }
        else
        {
            QueryFields inside = fields.Object("question");
            QueryFields[] options = inside.Objects("choices");
            (question, choices, labels) = (inside.Text("stem"), [.. options.Select(o => o.Text("text"))], [.. options.Select(o => o.Text("label"))]);
        }

        return new QueryItem
        {
            Contexts = [$"Question: {question}\nAnswer:"],
            Continuations = choices,
            Gold = fields.Gold(Array.IndexOf(labels, fields.Text("answerKey")), choices.Length),
            Document = fields.Json,
        };
    }

    private static QueryItem Mmlu(QueryFields fields)
    {
        string[] choices = fields.Texts("choices");
        if (choices.Length > Letters.Length) throw fields.Wrong("choices", $"at most {Letters.Length} choices");
        string lines = string.Concat(choices.Select((choice, i) => $"{Letters[i]}. {choice}\n"));
        string answer = fields.Text("answer");
        int gold = answer.Length == 1 && char.IsAsciiLetterUpper(answer[0]) ? Letters.IndexOf(answer[0], StringComparison.Ordinal) : fields.Integer("answer");
        return new QueryItem
        {
            Contexts = [$"{PythonText.Trim(fields.Text("question"))}\n{lines}Answer:"],
            Continuations = [.. choices.Select((_, i) => Letters[i].ToString())],
            Gold = fields.Gold(gold, choices.Length),
            Description = fields.Has("subject") ? $"The following are multiple choice questions (with answers) about {fields.Text("subject").Replace('_', ' ')}.\n\n" : "",
            Document = fields.Json,
        };
    }

    private static QueryItem CoreMultipleChoice(QueryFields fields)
    {
        string[] choices = fields.Texts("choices");
        return new QueryItem { Contexts = [fields.Text("query")], Continuations = choices, Gold = fields.Gold(fields.Integer("gold"), choices.Length), Document = fields.Json };
    }

    private static QueryItem CoreSchema(QueryFields fields)
    {
        string[] contexts = fields.Texts("context_options");
        return new QueryItem { Contexts = contexts, Continuations = [fields.Text("continuation")], Gold = fields.Gold(fields.Integer("gold"), contexts.Length), Document = fields.Json };
    }

    private static QueryItem CoreLanguageModeling(QueryFields fields) =>
        new() { Contexts = [PythonText.Trim(fields.Text("context"))], Continuations = [fields.Text("continuation")], Document = fields.Json };

    private static QueryItem Lambada(QueryFields fields)
    {
        string text = fields.Text("text");
        int space = text.LastIndexOf(' ');
        return new QueryItem { Contexts = [text[..Math.Max(0, space)]], Continuations = [" " + text[(space + 1)..]], Document = fields.Json };
    }

    private static QueryItem Text(QueryFields fields) => new() { Contexts = [""], Continuations = [fields.Text("text")], Document = fields.Json };

    [GeneratedRegex(@"\[.*?\]", RegexOptions.CultureInvariant)]
    private static partial Regex Brackets();
}
