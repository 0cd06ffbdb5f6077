using System.ComponentModel;
using System.Globalization;
using Microsoft.Extensions.AI;

namespace Reverie.Web.Tests;

/// <summary>What the scripted model says.</summary>
internal static class Scripts
{
    public const string Rich = """
        ## Sorting by insertion

        Insertion sort keeps the left part **sorted** and moves each next value *left* until it fits. It is `O(n²)`, and still the best for a handful of values.

        ```csharp
        /// <summary>Sorts in place.</summary>
        public static void Sort(Span<int> values)
        {
            for (int i = 1; i < values.Length; i++)
            {
                int value = values[i], j = i;
                while (j > 0 && values[j - 1] > value) values[j] = values[--j]; // move right
                values[j] = value;
            }
        }
        ```

        | case | comparisons | moves |
        |:-----|------------:|:-----:|
        | sorted | n - 1 | 0 |
        | random | n² / 4 | n² / 4 |
        | reversed | n² / 2 | n² / 2 |

        1. It is stable.
        2. It needs no memory:
           - no stack,
           - no buffer.

        > The formula $a^2 + b^2$ stays text. See [Wikipedia](https://en.wikipedia.org/wiki/Insertion_sort).

        - [x] sorted
        - [ ] slow
        """;

    /// <summary>Answers by what the last message asks.</summary>
    public static IEnumerable<AIContent> Conversation(IReadOnlyList<ChatMessage> messages, ChatOptions? options)
    {
        string asked = messages.Last(m => m.Role == ChatRole.User).Text;
        if (messages[^1].Role == ChatRole.Tool) return ScriptedChatClient.Words($"It is {messages[^1].Contents.OfType<FunctionResultContent>().First().Result}.");
        if (asked.Contains("fail", StringComparison.Ordinal)) return Broken();
        if (asked.Contains("calculate", StringComparison.Ordinal)) return [new TextReasoningContent("A product. "), new TextReasoningContent("I will use the calculator."), new FunctionCallContent("call_1", "calculator", new Dictionary<string, object?> { ["expression"] = "19*23" })];
        if (asked.Contains("think", StringComparison.Ordinal)) return [new TextReasoningContent("Two things come to mind. "), new TextReasoningContent("The second is better."), .. ScriptedChatClient.Words("Take the second one.")];
        if (asked.Contains("sort", StringComparison.Ordinal)) return ScriptedChatClient.Words(Rich);
        if (asked.Contains("long", StringComparison.Ordinal)) return ScriptedChatClient.Words(string.Join(" ", Enumerable.Range(1, 2000).Select(i => "word" + i.ToString(CultureInfo.InvariantCulture))));
        return ScriptedChatClient.Words($"You said: {asked.Trim()}");
    }

    /// <summary>A tool to call.</summary>
    public static AITool Calculator { get; } = AIFunctionFactory.Create(([Description("What to compute")] string expression) => expression.Split('*').Select(f => int.Parse(f, CultureInfo.InvariantCulture)).Aggregate(1, (a, b) => a * b), "calculator", "Computes products.");

    private static IEnumerable<AIContent> Broken()
    {
        yield return new TextContent("This much ");
        throw new Reverie.Tensors.ReverieException("The model was unloaded. Ask again.");
    }
}
