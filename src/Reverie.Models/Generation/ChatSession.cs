using System.Text;
using Reverie.Tensors;

namespace Reverie.Models;

/// <summary>
/// A conversation with a model. It keeps the tokens that the model wrote and never encodes them again; the generator keeps their keys and
/// values, so that each turn costs only its own tokens. When the context is full, the oldest turns are forgotten and the
/// system message stays.
/// </summary>
public sealed class ChatSession
{
    private readonly Generator _generator;
    private readonly Tokenizer _tokenizer;
    private readonly string _opening;
    private readonly List<(Message Message, int[] Tokens)> _turns = [];

    /// <summary>Opens an empty conversation.</summary>
    /// <param name="generator">The engine; the session steps it.</param>
    /// <param name="tokenizer">The model's; it must have a chat template.</param>
    /// <param name="options">For every reply; the seed of the n-th is <see cref="SamplingOptions.Seed"/> + n.</param>
    /// <param name="system">The system message; null for none.</param>
    /// <exception cref="ReverieException">The model has no chat template, or one that cannot be used.</exception>
    public ChatSession(Generator generator, Tokenizer tokenizer, SamplingOptions? options = null, string? system = null)
    {
        (_generator, _tokenizer) = (generator, tokenizer);
        Options = options ?? new SamplingOptions();
        System = system;
        _opening = Template.AnswerOpening;
    }

    /// <summary>How replies are drawn; may change between turns.</summary>
    public SamplingOptions Options { get; set; }

    /// <summary>The system message, which stands above all turns; null for none. May change between turns.</summary>
    public string? System { get; set; }

    /// <summary>What was said, oldest first, without the system message; also what the model has had to forget.</summary>
    public IReadOnlyList<Message> Messages => [.. _turns.Select(t => t.Message)];

    /// <summary>How many of the oldest messages no longer fit into the context.</summary>
    public int ForgottenMessages { get; private set; }

    /// <summary>The last reply; null before the first is finished.</summary>
    public ChatReply? LastReply { get; private set; }

    /// <summary>Forgets all turns; the system message stays.</summary>
    public void Reset()
    {
        _turns.Clear();
        ForgottenMessages = 0;
        LastReply = null;
    }

    /// <summary>Adds a message without asking for a reply: an earlier conversation, or the result of a tool.</summary>
    public void Add(Message message) => _turns.Add((message, Template.IsOwn ? Template.Render([message], addGenerationPrompt: false).Tokens : []));

    /// <summary>Says something and streams the reply. Leaving the loop early keeps what was said until then.</summary>
    /// <param name="text">What the user says.</param>
    /// <param name="cancel">Ends the reply; what was said until then is kept.</param>
    /// <exception cref="ReverieException">The text alone does not fit into the context; the conversation is as before.</exception>
    public IEnumerable<ChatPiece> Send(string text, CancellationToken cancel = default)
    {
        Add(new Message(Role.User, text));
        int[] prompt;
        try
        {
            prompt = Prompt();
        }
        catch (ReverieException)
        {
            _turns.RemoveAt(_turns.Count - 1);
            throw;
        }

        return Reply(prompt, cancel);
    }

    private ChatTemplate Template => _tokenizer.ChatTemplate;

    private IEnumerable<ChatPiece> Reply(int[] prompt, CancellationToken cancel)
    {
        int replies = _turns.Count(t => t.Message.Role == Role.Assistant);
        Generation? generation = null;
        var request = new GenerationRequest(prompt, Options with { Seed = Options.Seed + (ulong)replies })
        {
            Cancellation = cancel,
            OnToken = g => generation = g,
        };
        var splitter = new ThinkingSplitter();
        StringBuilder answer = new(), thinking = new();
        try
        {
            foreach (string part in _generator.Stream(request).Prepend(_opening))
            {
                foreach (ChatPiece piece in splitter.Append(part))
                {
                    (piece.IsThinking ? thinking : answer).Append(piece.Text);
                    yield return piece;
                }
            }

            ChatPiece rest = splitter.Flush();
            (rest.IsThinking ? thinking : answer).Append(rest.Text);
            if (rest.Text.Length > 0) yield return rest;
        }
        finally
        {
            Keep(generation, prompt.Length, answer.ToString().Trim(), thinking.ToString().Trim());
        }
    }

    private void Keep(Generation? generation, int promptTokens, string answer, string thinking)
    {
        ReadOnlySpan<int> tokens = generation is null ? [] : generation.Tokens;
        List<int> turn = [];
        if (Template.IsOwn)
        {
            turn.AddRange([.. Template.AnswerStart, .. tokens]);
            if (tokens.Length == 0 || !Template.EndsAnswer(tokens[^1])) turn.Add(Template.AnswerEnd);
            turn.AddRange(Template.AfterAnswer);
        }

        _turns.Add((new Message(Role.Assistant, _opening + generation?.Text), [.. turn]));
        LastReply = new ChatReply(answer, thinking, generation?.StopReason ?? StopReason.Cancelled, promptTokens, generation?.ReusedTokens ?? 0, tokens.Length);
    }

    /// <summary>The tokens of the conversation up to the next reply, the oldest turns left out where they do not fit.</summary>
    private int[] Prompt()
    {
        int room = _generator.ContextLength - Math.Clamp(Options.MaxTokens, 1, Math.Max(1, _generator.ContextLength / 4)), first = 0;
        int[] prompt = Write(first);
        while (prompt.Length > room)
        {
            // A conversation that was cut begins with the user again.
            first = _turns.FindIndex(first + 1, t => t.Message.Role == Role.User);
            if (first < 0)
                throw new ReverieException($"The message has {prompt.Length} tokens with what stands around it, and there is room for {room} in the model's context of {_generator.ContextLength}. Make it shorter.");
            prompt = Write(first);
        }

        ForgottenMessages = first;
        return prompt;
    }

    /// <summary>The tokens of the conversation from one turn on. In our own template they are the tokens that the model wrote; another's decides itself what a later turn still sees.</summary>
    private int[] Write(int first)
    {
        Message[] system = string.IsNullOrEmpty(System) ? [] : [new Message(Role.System, System)];
        return Template.IsOwn
            ? [.. Template.Render(system, addGenerationPrompt: false).Tokens, .. _turns.Skip(first).SelectMany(t => t.Tokens), .. Template.AnswerStart]
            : Template.Render([.. system, .. _turns.Skip(first).Select(t => t.Message)], addGenerationPrompt: true, new ChatTemplateOptions { Now = DateTime.Now }).Tokens;
    }
}
