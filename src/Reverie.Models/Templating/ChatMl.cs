namespace Reverie.Models.Templating;

/// <summary>
/// Our own template, ChatML as Qwen3 writes it, without the detour over Jinja. Every message is
/// <c>&lt;|im_start|&gt;role\ncontent&lt;|im_end|&gt;\n</c>; results of tools stand in a user's turn, between <c>&lt;tool_response&gt;</c> tags,
/// one turn for all that follow one another.
/// </summary>
/// <remarks>
/// The assistant's content is encoded alone, all else together with the role before it, and no merge goes over a special token: so the
/// tokens of a conversation are those of its turns, one after another, and a reply has the tokens that the model would write.
/// </remarks>
internal static class ChatMl
{
    private const string ToolResponseStart = "<tool_response>";
    private const string ToolResponseEnd = "</tool_response>";

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
            switch (message.Role)
            {
                case Role.Assistant:
                    StartTurn("assistant\n");
                    EncodeWithTags(tokenizer, message.Content, tokens);
                    break;
                case Role.Tool:
                    int first = i;
                    while (i + 1 < messages.Count && messages[i + 1].Role == Role.Tool) i++;
                    StartToolTurn([.. messages.Take(first..(i + 1)).Select(m => m.Content)]);
                    break;
                default:
                    StartTurn($"{(message.Role == Role.System ? "system" : "user")}\n{message.Content}");
                    break;
            }

            tokens.Add(tokenizer.MessageEnd);
            MarkUpTo(tokens.Count, message.Role == Role.Assistant);
            tokenizer.Encode("\n", tokens);
            MarkUpTo(tokens.Count, false);
        }

        if (addGenerationPrompt) StartTurn("assistant\n");
        return new TokenizedConversation([.. tokens], [.. fromAssistant]);

        void StartTurn(string text)
        {
            tokens.Add(tokenizer.MessageStart);
            tokenizer.Encode(text, tokens);
            MarkUpTo(tokens.Count, false);
        }

        void StartToolTurn(string[] contents)
        {
            if (tokenizer.Id(ToolResponseStart) is not int start || tokenizer.Id(ToolResponseEnd) is not int end)
            {
                StartTurn($"user\n{string.Join('\n', contents.Select(c => $"{ToolResponseStart}\n{c}\n{ToolResponseEnd}"))}");
                return;
            }

            StartTurn("user\n");
            for (int i = 0; i < contents.Length; i++)
            {
                if (i > 0) tokenizer.Encode("\n", tokens);
                tokens.Add(start);
                tokenizer.Encode($"\n{contents[i]}\n", tokens);
                tokens.Add(end);
            }
        }

        void MarkUpTo(int count, bool value)
        {
            while (fromAssistant.Count < count) fromAssistant.Add(value);
        }
    }

    private static void EncodeWithTags(Tokenizer tokenizer, string content, List<int> tokens)
    {
        int start = 0;
        foreach ((int tag, int end, int id) in AssistantTags.Find(tokenizer, content))
        {
            tokenizer.Encode(content[start..tag], tokens);
            tokens.Add(id);
            start = end;
        }

        tokenizer.Encode(content[start..], tokens);
    }
}
