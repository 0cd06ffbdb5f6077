using Reverie.Models;
using Reverie.Tensors;

namespace Reverie.Worlds;

/// <summary>
/// One skill of the Primer: a corpus to read and a task set to practise and to be examined on.
/// Both are endless and follow from the split and the seed alone.
/// </summary>
public abstract class PrimerSkill : ICorpus, ITaskSet
{
    /// <inheritdoc cref="ICorpus.Name"/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public IEnumerable<Document> Documents(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"primer/{Name}/{split}/documents");
        while (true) yield return Write(split, random);
    }

    /// <inheritdoc/>
    public IEnumerable<TaskItem> Tasks(Split split, ulong seed)
    {
        var random = new RandomStream(seed, $"primer/{Name}/{split}/tasks");
        while (true) yield return Ask(split, random);
    }

    /// <summary>Writes one document.</summary>
    private protected abstract Document Write(Split split, RandomStream random);

    /// <summary>Sets one task.</summary>
    internal abstract Question Ask(Split split, RandomStream random);

    /// <summary>A conversation of several tasks, each answered as an expert would.</summary>
    private protected Document Chat(Split split, RandomStream random, int tasks)
    {
        List<Message> messages = [];
        for (int i = 0; i < tasks; i++)
        {
            Question task = Ask(split, random);
            foreach (Message message in task.Prompt)
                messages.Add(message.Role == Role.User ? message with { Content = Typing.AsTyped(message.Content, random) } : message);
            messages.Add(new Message(Role.Assistant, task.Gold));
        }

        return new Document(Name, messages);
    }

    /// <summary>A task of one question.</summary>
    private protected static Question Task(string question, string gold, Func<string, bool> isRight) =>
        new([new Message(Role.User, question)], gold, reply => !Reply.IsFarTooLong(reply, gold) && isRight(Reply.Answer(reply)) ? 1 : 0);
}
