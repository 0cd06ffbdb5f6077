using System.Text.Json;
using Reverie.Models.Templating;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// How a model is told a conversation: the Jinja template that it comes with, or our own. What a message says is plain text, whatever the
/// template does with it: a special token written in it is only letters. Any number of threads may use it at once.
/// </summary>
public sealed class ChatTemplate
{
    /// <summary>The file in a model's folder.</summary>
    public const string FileName = "chat_template.jinja";

    /// <summary>Our own template: ChatML as Qwen3 writes it.</summary>
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

    private static readonly ChatTemplateOptions _plain = new();

    private readonly Tokenizer _tokenizer;
    private readonly string? _toolSource;
    private readonly Lazy<RenderedTemplate> _rendered, _withTools;

    /// <summary>The template of a tokenizer, by its settings.</summary>
    internal ChatTemplate(Tokenizer tokenizer)
    {
        _tokenizer = tokenizer;
        (Source, _toolSource) = Sources(tokenizer);
        IsOwn = Source is not null && Source.TrimEnd('\n') == Jinja;
        _rendered = new Lazy<RenderedTemplate>(() => Interpret(Source));
        _withTools = new Lazy<RenderedTemplate>(() => _toolSource is null ? _rendered.Value : Interpret(_toolSource));
    }

    /// <summary>The template; null for a model that comes without one.</summary>
    public string? Source { get; }

    /// <summary>Whether it is <see cref="Jinja"/>. Then the tokens of a conversation are those of its turns, one after another.</summary>
    public bool IsOwn { get; }

    /// <summary>The tokens that begin an answer, such as <c>&lt;|im_start|&gt;assistant\n</c>; none where an answer simply follows.</summary>
    /// <exception cref="ReverieException">As for <see cref="Render"/>.</exception>
    public int[] AnswerStart => IsOwn ? ChatMl.Render(_tokenizer, [], addGenerationPrompt: true).Tokens : _rendered.Value.AnswerStart;

    /// <summary>What <see cref="AnswerStart"/> leaves for the answer to go on with: <c>&lt;think&gt;\n</c> where a template makes the model think, else nothing.</summary>
    /// <exception cref="ReverieException">As for <see cref="Render"/>.</exception>
    public string AnswerOpening
    {
        get
        {
            string start = _tokenizer.Decode(AnswerStart, isStart: false);
            int open = start.LastIndexOf(SpecialToken.ThinkStart, StringComparison.Ordinal);
            return open < 0 || start.IndexOf(SpecialToken.ThinkEnd, open, StringComparison.Ordinal) >= 0 ? "" : start[open..];
        }
    }

    /// <summary>The token that ends an answer.</summary>
    /// <exception cref="ReverieException">As for <see cref="Render"/>, or the model has no such token.</exception>
    public int AnswerEnd => IsOwn ? _tokenizer.MessageEnd : _rendered.Value.AnswerEnd ?? _tokenizer.EndOfText;

    /// <summary>What stands between the end of an answer and the next turn: a line break in our own template, else nothing, for it belongs to the next turn.</summary>
    public int[] AfterAnswer => IsOwn ? _tokenizer.Encode("\n") : [];

    /// <summary>Writes a conversation as tokens.</summary>
    /// <remarks>
    /// In the assistant's content <c>&lt;think&gt;</c>, <c>&lt;/think&gt;</c>, <c>&lt;tool_call&gt;</c> and <c>&lt;/tool_call&gt;</c> are
    /// special tokens, where the tokenizer has them. What the assistant writes is what stands inside <c>{% generation %}</c>; where
    /// a template does not say, all from where the prompt for the answer ends up to the token that ends the answer, inclusive.
    /// </remarks>
    /// <param name="messages">The conversation, oldest first.</param>
    /// <param name="addGenerationPrompt">Ends with what begins an answer, for the model to go on.</param>
    /// <param name="options">What comes with the conversation.</param>
    /// <exception cref="ReverieException">The model has no template, or it cannot be used, or it refuses the conversation: one line that says why.</exception>
    public TokenizedConversation Render(IReadOnlyList<Message> messages, bool addGenerationPrompt, ChatTemplateOptions? options = null) =>
        IsOwn ? ChatMl.Render(_tokenizer, messages, addGenerationPrompt) : For(options).Render(messages, addGenerationPrompt, options ?? _plain);

    /// <summary>The tokens of messages up to where <see cref="AnswerStart"/> goes.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="afterAnswer">Whether they follow an answer that ended with <see cref="AnswerEnd"/> and <see cref="AfterAnswer"/>; else they are the whole conversation.</param>
    /// <param name="options">What comes with the conversation.</param>
    /// <exception cref="ReverieException">As for <see cref="Render"/>.</exception>
    public int[] RenderTurns(IReadOnlyList<Message> messages, bool afterAnswer, ChatTemplateOptions? options = null) =>
        IsOwn ? ChatMl.Render(_tokenizer, messages, addGenerationPrompt: false).Tokens
        : afterAnswer ? For(options).RenderReply(messages, options ?? _plain)
        : For(options).RenderQuestion(messages, options ?? _plain);

    /// <summary>The tokens that the model would have to write, to answer so; the one that ends the answer included.</summary>
    /// <exception cref="ReverieException">As for <see cref="Render"/>.</exception>
    public int[] RenderAnswer(string answer)
    {
        if (!IsOwn) return _rendered.Value.RenderAnswer(answer);
        TokenizedConversation turn = ChatMl.Render(_tokenizer, [new Message(Role.Assistant, answer)], addGenerationPrompt: false);
        return [.. turn.Tokens.Where((_, i) => turn.FromAssistant[i])];
    }

    /// <summary>Whether an answer ends with this token.</summary>
    public bool EndsAnswer(int token) => IsOwn ? token == _tokenizer.MessageEnd : _tokenizer.StopTokens.Contains(token);

    /// <summary>Writes the template into a folder as the model brought it; one that stands in <c>tokenizer_config.json</c> is written with that.</summary>
    internal void Save(string folder)
    {
        string? content = _tokenizer.Settings.ChatTemplate ?? (IsOwn && InConfig(_tokenizer.Settings) is null ? Jinja : null);
        if (content is not null) AtomicFile.WriteText(Path.Combine(folder, FileName), content);
    }

    private RenderedTemplate For(ChatTemplateOptions? options) => options?.Tools.Count > 0 ? _withTools.Value : _rendered.Value;

    private RenderedTemplate Interpret(string? source) => source is not null
        ? new RenderedTemplate(source, _tokenizer)
        : throw new ReverieException($"This model has no chat template, so it cannot hold a conversation. Use `reverie generate` to continue a text, or put a {FileName} into its folder.");

    /// <summary>The template, and the one for conversations with tools where that is another. Ours is taken where nothing is said and its tokens are there.</summary>
    private static (string? Source, string? ToolSource) Sources(Tokenizer tokenizer)
    {
        TokenizerSettings settings = tokenizer.Settings;
        if (settings.ChatTemplate is { } file) return (file, null);
        if (settings.TokenizerConfig is null)
            return (tokenizer.Id(SpecialToken.MessageStart) is null || tokenizer.Id(SpecialToken.MessageEnd) is null ? null : Jinja, null);
        return InConfig(settings) is not { } config ? (null, null)
            : config.ValueKind == JsonValueKind.String ? (config.GetString(), null)
            : (Named(config, "default"), Named(config, "tool_use"));
    }

    private static JsonElement? InConfig(TokenizerSettings settings)
    {
        if (settings.TokenizerConfig is null) return null;
        using JsonDocument document = JsonDocument.Parse(settings.TokenizerConfig);
        return document.RootElement.TryGetProperty("chat_template", out JsonElement template) && template.ValueKind is JsonValueKind.String or JsonValueKind.Array ? template.Clone() : null;
    }

    private static string? Named(JsonElement list, string name)
    {
        foreach (JsonElement item in list.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Object && item.TryGetProperty("name", out JsonElement key) && key.ValueKind == JsonValueKind.String && key.ValueEquals(name)
                && item.TryGetProperty("template", out JsonElement template) && template.ValueKind == JsonValueKind.String)
            {
                return template.GetString();
            }
        }

        return null;
    }
}
