using System.Text;
using Reverie.Models;

namespace Reverie.Worlds;

/// <summary>
/// The record of one episode, token by token: who wrote each, with which probability, what the tools answered, and the scores. A
/// demonstration, a rollout, an evaluation's transcript and a conversation with a person are all traces.
/// </summary>
public sealed class Trace
{
    private readonly Tokenizer? _tokenizer;
    private readonly List<int> _tokens = [];
    private readonly List<float> _logProbabilities = [];
    private readonly List<TraceSpan> _spans = [];
    private readonly List<TraceSpan> _turns = [];
    private readonly List<int> _written = [];
    private readonly List<Message> _messages = [];
    private readonly List<Score> _scores = [];

    /// <summary>Opens a trace.</summary>
    /// <param name="taskSet">The task set's name.</param>
    /// <param name="item">Which of its tasks.</param>
    /// <param name="seed">The seed of the actor's draws.</param>
    /// <param name="tokenizer">For the tokens; null for a trace of text alone.</param>
    public Trace(string taskSet, string item, ulong seed, Tokenizer? tokenizer) => (TaskSet, Item, Seed, _tokenizer) = (taskSet, item, seed, tokenizer);

    /// <summary>The task set's name.</summary>
    public string TaskSet { get; }

    /// <summary>Which of its tasks.</summary>
    public string Item { get; }

    /// <summary>The seed of the actor's draws.</summary>
    public ulong Seed { get; }

    /// <summary>The version of the model that acted; empty for a script.</summary>
    public string Model { get; set; } = "";

    /// <summary>The tokens of the episode, the template's included; empty without a tokenizer.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>log p of each token in nats under the model that acted; 0 for tokens that no model drew.</summary>
    public IReadOnlyList<float> LogProbabilities => _logProbabilities;

    /// <summary>Who wrote which tokens, in order and without gaps.</summary>
    public IReadOnlyList<TraceSpan> Spans => _spans;

    /// <summary>The spans that the actor wrote itself, and may learn from: one a turn, or several where tokens between them were forced.</summary>
    public IReadOnlyList<TraceSpan> Turns => _turns;

    /// <summary>Turns that the actor has taken.</summary>
    public int TurnCount { get; private set; }

    /// <summary>The actor's turns, whole: the template's frame and forced tokens included. Empty without tokens.</summary>
    public IReadOnlyList<TraceSpan> Steps
    {
        get
        {
            var steps = new List<TraceSpan>();
            bool goesOn = false;
            foreach (TraceSpan span in _spans)
            {
                bool isAssistant = span.Author == Role.Assistant;
                if (isAssistant && goesOn) steps[^1] = steps[^1] with { Length = steps[^1].Length + span.Length };
                else if (isAssistant) steps.Add(span with { IsActor = true });
                goesOn = isAssistant;
            }

            // The prompt may hold turns of an assistant too.
            return [.. steps.TakeLast(TurnCount)];
        }
    }

    /// <summary>What was said, oldest first.</summary>
    public IReadOnlyList<Message> Messages => _messages;

    /// <summary>How many of the messages were there before the actor's first turn.</summary>
    public int PromptMessages { get; private set; }

    /// <summary>All judgements.</summary>
    public IReadOnlyList<Score> Scores => _scores;

    /// <summary>The sum of the rewards.</summary>
    public double Reward => _scores.Where(s => s.Name == Score.Reward).Sum(s => s.Value);

    /// <summary>Why it ended.</summary>
    public TraceStop Stop { get; private set; }

    /// <summary>What went wrong, where <see cref="Stop"/> is <see cref="TraceStop.Failed"/>.</summary>
    public string? Failure { get; private set; }

    /// <summary>Hash of the world at the end; a replay must reach the same.</summary>
    public ulong FinalHash { get; private set; }

    /// <summary>Tokens that the actor chose.</summary>
    public int ActorTokens => _turns.Sum(t => t.Length);

    /// <summary>Tokens of the actor's turns, those that were forced included.</summary>
    public int WrittenTokens => _written.Sum();

    /// <summary>The same turn by turn; empty without tokens.</summary>
    internal IReadOnlyList<int> WrittenByTurn => _written;

    /// <summary>What the actor said in all its turns, in one text.</summary>
    public string ReplyText => string.Join('\n', _messages.Skip(PromptMessages).Where(m => m.Role == Role.Assistant).Select(m => m.Content));

    /// <summary>The tokens so far and the start of the actor's next turn: the prompt of a model.</summary>
    public int[] PromptForActor()
    {
        Tokenizer tokenizer = _tokenizer ?? throw new InvalidOperationException("A trace without a tokenizer has no tokens.");
        return [.. _tokens, .. tokenizer.ChatTemplate.AnswerStart];
    }

    /// <summary>The conversation as the other side sees it: what the actor said is the user's, what the other side said the assistant's; tools are left out.</summary>
    public IReadOnlyList<Message> AsPartnerSees() =>
    [
        .. _messages.Where(m => m.Role is Role.User or Role.Assistant && !m.Content.Contains(SpecialToken.ToolCallStart, StringComparison.Ordinal))
            .Select(m => new Message(m.Role == Role.User ? Role.Assistant : Role.User, m.Content)),
    ];

    /// <summary>The text of one token; a part of a character that several tokens share is shown as such.</summary>
    public string TextOf(int index)
    {
        Tokenizer tokenizer = _tokenizer ?? throw new InvalidOperationException("A trace without a tokenizer has no tokens.");
        return tokenizer.Special(_tokens[index]) is { } special ? special.Text : Encoding.UTF8.GetString(tokenizer.Bytes(_tokens[index]));
    }

    internal void Open(IReadOnlyList<Message> prompt)
    {
        Observe(prompt);
        PromptMessages = _messages.Count;
    }

    /// <summary>Appends what the actor did not write.</summary>
    internal void Observe(IReadOnlyList<Message> messages)
    {
        if (messages.Count == 0) return;
        _messages.AddRange(messages);
        if (_tokenizer?.ChatTemplate is not { } template) return;
        if (!template.IsOwn)
        {
            Append(messages[^1].Role, template.RenderTurns(messages, afterAnswer: TurnCount > 0), null, false);
            return;
        }

        foreach (IGrouping<(Role, int), (Message Message, int Run)> run in Runs(messages))
            Append(run.Key.Item1, template.RenderTurns([.. run.Select(r => r.Message)], afterAnswer: false), null, false);
    }

    /// <summary>A copy of the trace as it stood before one of the actor's turns, to go another way from there; it has no scores yet.</summary>
    /// <param name="turn">Which turn, from 0.</param>
    /// <param name="seed">The seed of the actor's draws from there on.</param>
    /// <param name="tokenizer">For the tokens; null for text alone, which is all there is where this trace has no tokens.</param>
    internal Trace Before(int turn, ulong seed, Tokenizer? tokenizer)
    {
        if (_spans.Count == 0) tokenizer = null;
        int tokens = tokenizer is null ? 0 : Steps[turn].Start, messages = PromptMessages;
        for (int passed = 0; messages < _messages.Count && (_messages[messages].Role != Role.Assistant || passed++ < turn);) messages++;
        var copy = new Trace(TaskSet, Item, seed, tokenizer) { Model = Model, PromptMessages = PromptMessages, TurnCount = turn };
        copy._tokens.AddRange(_tokens.Take(tokens));
        copy._logProbabilities.AddRange(_logProbabilities.Take(tokens));
        copy._spans.AddRange(_spans.Where(s => s.Start < tokens));
        copy._turns.AddRange(tokenizer is null ? Enumerable.Repeat(new TraceSpan(Role.Assistant, 0, 0, true), turn) : _turns.Where(s => s.Start < tokens));
        copy._written.AddRange(_written.Take(turn));
        copy._messages.AddRange(_messages.Take(messages));
        return copy;
    }

    /// <summary>Appends the actor's turn: its own tokens as they were drawn, never encoded again.</summary>
    internal void Append(Turn turn)
    {
        TurnCount++;
        _messages.Add(new Message(Role.Assistant, turn.Text));
        if (_tokenizer is null)
        {
            _turns.Add(new TraceSpan(Role.Assistant, 0, 0, true));
            return;
        }

        Append(Role.Assistant, _tokenizer.ChatTemplate.AnswerStart, null, false);
        ChatTemplate template = _tokenizer.ChatTemplate;
        int[] tokens = turn.Tokens ?? template.RenderAnswer(turn.Text);
        _written.Add(tokens.Length);
        for (int start = 0; start < tokens.Length;)
        {
            bool forced = turn.Forced?[start] == true;
            int end = start + 1;
            while (end < tokens.Length && (turn.Forced?[end] == true) == forced) end++;
            Append(Role.Assistant, tokens[start..end], turn.LogProbabilities?[start..end], !forced);
            start = end;
        }

        if (tokens.Length == 0 || !template.EndsAnswer(tokens[^1])) Append(Role.Assistant, [template.AnswerEnd], null, false);
        Append(Role.Assistant, template.AfterAnswer, null, false);
    }

    /// <summary>Fills a new trace with what a file holds.</summary>
    internal void Restore(
        IReadOnlyList<Message> messages, int promptMessages, IReadOnlyList<(TraceSpan Span, int[] Tokens, float[]? LogProbabilities)> runs, IReadOnlyList<int> writtenByTurn)
    {
        _messages.AddRange(messages);
        PromptMessages = promptMessages;
        TurnCount = messages.Skip(promptMessages).Count(m => m.Role == Role.Assistant);
        _written.AddRange(writtenByTurn);
        foreach ((TraceSpan span, int[] tokens, float[]? logProbabilities) in runs) Append(span.Author, tokens, logProbabilities, span.IsActor);
        if (runs.Count == 0) _turns.AddRange(Enumerable.Repeat(new TraceSpan(Role.Assistant, 0, 0, true), TurnCount));
    }

    internal void Add(IReadOnlyList<Score> scores) => _scores.AddRange(scores);

    internal void End(TraceStop stop, ulong hash, string? failure = null) => (Stop, FinalHash, Failure) = (stop, hash, failure);

    /// <summary>The trace as people read it.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (Message message in _messages) text.Append(message.Role.ToString().ToLowerInvariant()).Append(": ").AppendLine(message.Content);
        foreach (Score score in _scores) text.Append(System.Globalization.CultureInfo.InvariantCulture, $"[{score.Name} {score.Value:0.###}] ");
        return text.Append(Stop).ToString();
    }

    private void Append(Role author, IReadOnlyList<int> tokens, float[]? logProbabilities, bool isActor)
    {
        if (tokens.Count == 0) return;
        var span = new TraceSpan(author, _tokens.Count, tokens.Count, isActor);
        _spans.Add(span);
        if (isActor) _turns.Add(span);
        _tokens.AddRange(tokens);
        for (int i = 0; i < tokens.Count; i++) _logProbabilities.Add(logProbabilities?[i] ?? 0);
    }

    // Results of tools that follow one another stand in one turn of the template, so messages are rendered by runs of one author.
    private static IEnumerable<IGrouping<(Role, int), (Message Message, int Run)>> Runs(IReadOnlyList<Message> messages)
    {
        int run = 0;
        var numbered = new List<(Message Message, int Run)>();
        for (int i = 0; i < messages.Count; i++)
        {
            if (i > 0 && !(messages[i].Role == Role.Tool && messages[i - 1].Role == Role.Tool)) run++;
            numbered.Add((messages[i], run));
        }

        return numbered.GroupBy(m => (m.Message.Role, m.Run));
    }
}
