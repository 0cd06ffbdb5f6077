using Reverie.Tensors;

namespace Reverie.Models.Templating;

/// <summary>
/// A model's own template at work. What the template does around an answer is found out once, by rendering small conversations: what
/// begins an answer, and which token ends it.
/// </summary>
internal sealed class RenderedTemplate
{
    private static readonly Message[] _question = [new(Role.User, "x")];
    private static readonly Message[] _exchange = [new(Role.User, "x"), new(Role.Assistant, "y")];

    private readonly string _source;
    private readonly Template _template;
    private readonly Tokenizer _tokenizer;
    private readonly ConversationEncoder _encoder;
    private readonly Lazy<string> _answerStart;
    private readonly Lazy<int[]> _startTokens;
    private readonly Lazy<int?> _answerEnd;

    /// <param name="source">The template.</param>
    /// <param name="tokenizer">The model's.</param>
    /// <exception cref="ReverieException">It is no template, or uses what is not supported.</exception>
    public RenderedTemplate(string source, Tokenizer tokenizer)
    {
        (_source, _tokenizer) = (source, tokenizer);
        _template = Template.Parse(source);
        _encoder = new ConversationEncoder(tokenizer);
        _answerStart = new Lazy<string>(FindAnswerStart);
        _startTokens = new Lazy<int[]>(() => Encode(new Text(_answerStart.Value), [], isFirst: false));
        _answerEnd = new Lazy<int?>(() => AfterAnswer(_exchange, false, new ChatTemplateOptions()).End?.Id);
    }

    /// <summary>The tokens that begin an answer, such as <c>&lt;|im_start|&gt;assistant\n</c>; none where an answer follows the question without.</summary>
    public int[] AnswerStart => _startTokens.Value;

    /// <summary>The token that the template writes behind an answer; null where it writes none.</summary>
    public int? AnswerEnd => _answerEnd.Value;

    /// <summary>A whole conversation.</summary>
    public TokenizedConversation Render(IReadOnlyList<Message> messages, bool addGenerationPrompt, ChatTemplateOptions options)
    {
        Text text = Write(messages, addGenerationPrompt, options);
        List<(int Start, int End, int Id)> specials = _encoder.FindSpecials(text, i => messages[i].Role == Role.Assistant);
        IReadOnlyList<(int, int)> written = AssistantSpans.Generated(text)
            ?? new AssistantSpans(text, specials, messages, _tokenizer.StopTokens).Find(_answerStart.Value, count => TryWrite(messages, count, options));
        return _encoder.Encode(text.Characters, specials, written, isFirst: true);
    }

    /// <summary>What the model would have to write to answer so.</summary>
    public int[] RenderAnswer(string answer)
    {
        TokenizedConversation conversation = Render([.. _question, new Message(Role.Assistant, answer)], addGenerationPrompt: false, new ChatTemplateOptions());
        return [.. conversation.Tokens.Where((_, i) => conversation.FromAssistant[i])];
    }

    /// <summary>A conversation up to where an answer begins: without what <see cref="AnswerStart"/> is.</summary>
    public int[] RenderQuestion(IReadOnlyList<Message> messages, ChatTemplateOptions options)
    {
        Text text = Write(messages, addGenerationPrompt: true, options);
        if (!text.Characters.EndsWith(_answerStart.Value, StringComparison.Ordinal)) text = Write(messages, addGenerationPrompt: false, options);
        return Encode(WithoutAnswerStart(text), messages, isFirst: true);
    }

    /// <summary>The same for messages that follow an answer and the token that ended it.</summary>
    public int[] RenderReply(IReadOnlyList<Message> messages, ChatTemplateOptions options)
    {
        Message[] all = [.. _exchange, .. messages];
        (Text text, (int End, int Id)? end, int answer) = AfterAnswer(all, true, options);
        return Encode(WithoutAnswerStart(text.Cut(end?.End ?? answer, text.Characters.Length)), all, isFirst: false);
    }

    private Text WithoutAnswerStart(Text text) =>
        text.Characters.EndsWith(_answerStart.Value, StringComparison.Ordinal) ? text.Cut(0, text.Characters.Length - _answerStart.Value.Length) : text;

    private int[] Encode(Text text, IReadOnlyList<Message> messages, bool isFirst) =>
        _encoder.Encode(text.Characters, _encoder.FindSpecials(text, i => messages[i].Role == Role.Assistant), [], isFirst).Tokens;

    /// <summary>Where, in a conversation that begins with <see cref="_exchange"/>, its answer ends, and the token after it.</summary>
    private (Text Text, (int End, int Id)? End, int Answer) AfterAnswer(IReadOnlyList<Message> messages, bool addGenerationPrompt, ChatTemplateOptions options)
    {
        Text text = Write(messages, addGenerationPrompt, options);
        int answer = 0, next = text.Characters.Length, start = 0;
        foreach (TextRun run in text.Runs)
        {
            if (run.Origin.MessageIndex == 1) answer = run.End;
            if (run.Origin.MessageIndex >= _exchange.Length) next = Math.Min(next, start);
            start = run.End;
        }

        foreach ((int begin, int end, int id) in _encoder.FindSpecials(text, i => messages[i].Role == Role.Assistant))
            if (begin >= answer && begin < next && _tokenizer.StopTokens.Contains(id)) return (text, (end, id), answer);
        return (text, null, answer);
    }

    private string FindAnswerStart()
    {
        try
        {
            Text without = Write(_question, false, new ChatTemplateOptions()), with = Write(_question, true, new ChatTemplateOptions());

            // Not all of the one is the beginning of the other: some templates write an end of text only where no answer is to follow.
            int common = without.Characters.AsSpan().CommonPrefixLength(with.Characters);
            foreach ((int start, int end, _) in _encoder.FindSpecials(with, _ => false))
                if (start < common && common < end) common = start;
            return with.Runs is [.., { Origin.IsInput: true } question, _] && common >= question.End ? with.Characters[common..] : "";
        }
        catch (ReverieException)
        {
            return "";
        }
    }

    private string? TryWrite(IReadOnlyList<Message> messages, int count, ChatTemplateOptions options)
    {
        try
        {
            return Write([.. messages.Take(count)], true, options).Characters;
        }
        catch (ReverieException)
        {
            return null;
        }
    }

    private Text Write(IReadOnlyList<Message> messages, bool addGenerationPrompt, ChatTemplateOptions options)
    {
        Dictionary<string, object?> variables = ChatVariables.Of(_source, messages, options);
        variables["add_generation_prompt"] = addGenerationPrompt;
        if (_tokenizer.BeginOfText is int begin) variables["bos_token"] = new Text(_tokenizer.Spelling(begin));
        if (EndToken is int end) variables["eos_token"] = new Text(_tokenizer.Spelling(end));
        return _template.Render(variables, options.Now);
    }

    private int? EndToken => _tokenizer.Settings.EndTokens is [int first, ..] ? first : _tokenizer.Id(SpecialToken.MessageEnd) ?? _tokenizer.DocumentEnd;
}
