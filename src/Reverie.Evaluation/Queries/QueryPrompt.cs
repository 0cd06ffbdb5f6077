namespace Reverie.Evaluation;

/// <summary>A question with the examples before it, option by option.</summary>
/// <param name="Item">The question.</param>
/// <param name="Prefix">Description and examples.</param>
/// <param name="Delimiter">Between context and continuation.</param>
public sealed record QueryPrompt(QueryItem Item, string Prefix, string Delimiter)
{
    /// <summary>What stands before the continuation.</summary>
    public string Context(int option) => Prefix + Item.Context(option);

    /// <summary>What is scored, the delimiter before it included.</summary>
    public string Continuation(int option) => Delimiter + Item.Continuation(option);

    /// <summary>An example: a question with its answer and the blank line after it.</summary>
    public static string Example(QueryItem item, string delimiter) => $"{item.Context(item.Gold)}{delimiter}{item.Continuation(item.Gold)}\n\n";
}
