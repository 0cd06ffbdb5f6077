namespace Reverie.Models;

/// <summary>
/// ChatML as Qwen3 writes it. Every message is <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c>; results of tools stand in a user's
/// turn, between <c>&lt;tool_response&gt;</c> tags, one turn for all that follow one another.
/// </summary>
/// <remarks>
/// <c>role\n</c> and the content are encoded each alone and no merge goes over a special token, so the tokens of a conversation are those
/// of its turns, one after another. (Hugging Face encodes both together; that differs only for content that begins with blank lines.)
/// </remarks>
public static class ChatTemplate
{
    private const string ToolResponseStart = "<tool_response>";
    private const string ToolResponseEnd = "</tool_response>";

    private static readonly string[] _assistantTags =
        [SpecialToken.ThinkStart, SpecialToken.ThinkEnd, SpecialToken.ToolCallStart, SpecialToken.ToolCallEnd];

    /// <summary>The same template for other programs: the content of <c>chat_template.jinja</c>.</summary>
    public const string Jinja =
        """
        {%- for message in messages %}
        {%- if message.role == 'tool' %}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user\n' }}{%- else %}{{- '\n' }}{%- endif %}
        {{- '<tool_response>\n' + message.content + '\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\n' }}{%- endif %}
        {%- else %}
        {{- '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}{{- '<|im_start|>assistant\n' }}{%- endif %}
        """;

    /// <summary>Writes <paramref name="messages"/> as tokens.</summary>
    /// <remarks>
    /// Content is plain text: a special token written in it is only letters. In the assistant's content alone
    /// <c>&lt;think&gt;</c>, <c>&lt;/think&gt;</c>, <c>&lt;tool_call&gt;</c> and <c>&lt;/tool_call&gt;</c> are the special tokens, where the tokenizer has them.
    /// </remarks>
    /// <param name="tokenizer">It must have <c>&lt;|im_start|&gt;</c> and <c>&lt;|im_end|&gt;</c>.</param>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="addGenerationPrompt">Ends with <c>&lt;|im_start|&gt;assistant\n</c>, for the model to go on.</param>
    /// <exception cref="Reverie.Tensors.ReverieException">The tokenizer lacks a token that the template needs.</exception>
    public static TokenizedConversation Render(Tokenizer tokenizer, IReadOnlyList<Message> messages, bool addGenerationPrompt)
    {
        List<int> tokens = [];
        List<bool> fromAssistant = [];
        for (int i = 0; i < messages.Count; i++)
        {
            Message message = messages[i];
            StartTurn(message.Role);
            switch (message.Role)
            {
                case Role.Assistant:
                    EncodeWithTags(tokenizer, message.Content, tokens);
                    break;
                case Role.Tool:
                    int first = i;
                    while (i + 1 < messages.Count && messages[i + 1].Role == Role.Tool) i++;
                    EncodeToolResponses(tokenizer, [.. messages.Take(first..(i + 1)).Select(m => m.Content)], tokens);
                    break;
                default:
                    tokenizer.Encode(message.Content, tokens);
                    break;
            }

            tokens.Add(tokenizer.MessageEnd);
            MarkUpTo(tokens.Count, message.Role == Role.Assistant);
            tokenizer.Encode("\n", tokens);
            MarkUpTo(tokens.Count, false);
        }

        if (addGenerationPrompt) StartTurn(Role.Assistant);
        return new TokenizedConversation([.. tokens], [.. fromAssistant]);

        void StartTurn(Role role)
        {
            tokens.Add(tokenizer.MessageStart);
            tokenizer.Encode($"{NameOf(role)}\n", tokens);
            MarkUpTo(tokens.Count, false);
        }

        void MarkUpTo(int count, bool value)
        {
            while (fromAssistant.Count < count) fromAssistant.Add(value);
        }
    }

    private static string NameOf(Role role) => role switch
    {
        Role.System => "system",
        Role.Assistant => "assistant",
        _ => "user",
    };

    private static void EncodeToolResponses(Tokenizer tokenizer, string[] contents, List<int> tokens)
    {
        if (tokenizer.Id(ToolResponseStart) is not int start || tokenizer.Id(ToolResponseEnd) is not int end)
        {
            tokenizer.Encode(string.Join('\n', contents.Select(c => $"{ToolResponseStart}\n{c}\n{ToolResponseEnd}")), tokens);
            return;
        }

        for (int i = 0; i < contents.Length; i++)
        {
            if (i > 0) tokenizer.Encode("\n", tokens);
            tokens.Add(start);
            tokenizer.Encode($"\n{contents[i]}\n", tokens);
            tokens.Add(end);
        }
    }

    private static void EncodeWithTags(Tokenizer tokenizer, string content, List<int> tokens)
    {
        int start = 0;
        for (int i = content.IndexOf('<'); i >= 0; i = content.IndexOf('<', i + 1))
        {
            string? tag = _assistantTags.FirstOrDefault(t => string.CompareOrdinal(content, i, t, 0, t.Length) == 0);
            if (tag is null || tokenizer.Id(tag) is not int id) continue;
            tokenizer.Encode(content[start..i], tokens);
            tokens.Add(id);
            start = i + tag.Length;
        }

        tokenizer.Encode(content[start..], tokens);
    }
}
