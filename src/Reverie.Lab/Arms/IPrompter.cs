using Microsoft.Extensions.AI;
using Reverie.Models;
using Reverie.Sleep;

namespace Reverie.Lab;

/// <summary>What an arm puts before a question.</summary>
internal interface IPrompter
{
    /// <summary>The prompts of questions; each ends with the question.</summary>
    Task<IReadOnlyList<IReadOnlyList<Message>>> WriteAsync(IReadOnlyList<IReadOnlyList<Message>> questions, CancellationToken cancellation);
}

/// <summary>The question alone.</summary>
internal sealed class PlainPrompter : IPrompter
{
    public Task<IReadOnlyList<IReadOnlyList<Message>>> WriteAsync(IReadOnlyList<IReadOnlyList<Message>> questions, CancellationToken cancellation) => Task.FromResult(questions);
}

/// <summary>Everything that was ever said, newest last, as much of it as the context holds.</summary>
internal sealed class FullContextPrompter(Bench bench, IJournal journal) : IPrompter
{
    public async Task<IReadOnlyList<IReadOnlyList<Message>>> WriteAsync(IReadOnlyList<IReadOnlyList<Message>> questions, CancellationToken cancellation)
    {
        IReadOnlyList<Transcript> chats = await Transcript.ReadAsync(journal, LifeJournal.Owner, DateTimeOffset.MinValue, cancellation).ConfigureAwait(false);
        // One cut for all questions of a day, so that they share the keys and values of what stands before them.
        int left = bench.Model.Config.ContextLength - Examiner.AnswerTokens - questions.Max(q => bench.CountTokens(q));
        var said = new List<Message>();
        foreach (Message message in chats.Reverse().SelectMany(c => c.Messages.Reverse()))
        {
            left -= bench.CountTokens([message], isPrompt: false);
            if (left < 0) break;
            said.Add(message);
        }

        said.Reverse();
        Message[] before = [.. said.SkipWhile(m => m.Role is not Role.User)];
        return [.. questions.Select(q => (IReadOnlyList<Message>)[.. before, .. q])];
    }
}

/// <summary>What retrieval finds for the question, as the product puts it there.</summary>
internal sealed class RecallPrompter(Bench bench, IJournal journal, ILearner learner) : IPrompter
{
    private readonly Retriever _retriever = new(journal);

    public async Task<IReadOnlyList<IReadOnlyList<Message>>> WriteAsync(IReadOnlyList<IReadOnlyList<Message>> questions, CancellationToken cancellation)
    {
        long parameters = bench.Model.Parameters.All.Sum(p => (long)p.Value.Length);
        HeldFacts? held = learner.Held is { } records ? new HeldFacts(records) : null;
        var prompts = new List<IReadOnlyList<Message>>();
        foreach (IReadOnlyList<Message> question in questions)
        {
            ChatMessage[] conversation = [.. question.Select(m => new ChatMessage(m.Role is Role.User ? ChatRole.User : ChatRole.Assistant, m.Content))];
            var room = new PromptRoom(bench.Model.Config.ContextLength, bench.CountTokens(question), parameters, text => bench.Tokenizer.Encode(text).Length);
            Recollection found = await RecalledPrompt.RecallAsync(_retriever, LifeJournal.Owner, question[^1].Content, conversation, room, null, held, cancellation).ConfigureAwait(false);
            prompts.Add([.. found.Messages.Select(m => new Message(m.Role == ChatRole.User ? Role.User : m.Role == ChatRole.System ? Role.System : Role.Assistant, m.Text))]);
        }

        return prompts;
    }
}
